// The definition of a search, written as plainly as it can be: every eligible behaviour is scored,
// all are sorted.
#include <algorithm>
#include <cmath>
#include <set>

#include "kernel_tests/search_case.h"

namespace kleio::cuda::tests {
namespace {

double dot(const SearchCase& search, const std::byte* a, const std::byte* b) {
  return with_element(search.dtype, [&]<typename Element>() {
    double sum = 0;
    for (std::size_t d = 0; d < search.dim; ++d) {
      sum += static_cast<double>(load_element<Element>(a, d)) *
             static_cast<double>(load_element<Element>(b, d));
    }
    return sum;
  });
}

float score(const SearchCase& search, double product, double norm_sq_a, double norm_sq_b) {
  double value = product;
  if (search.unit == Unit::kCosine) {
    value = std::clamp(product / std::sqrt(norm_sq_a * norm_sq_b), -1.0, 1.0);
  }
  constexpr double kMaxFloat = std::numeric_limits<float>::max();
  return static_cast<float>(std::clamp(value, -kMaxFloat, kMaxFloat)) + 0.0f;
}

std::vector<std::int32_t> slots_by_position(const UserCase& user) {
  if (!user.packed) return user.slot_of;
  std::vector<std::int32_t> slots(user.slots);
  for (std::size_t i = 0; i < slots.size(); ++i) slots[i] = static_cast<std::int32_t>(i);
  return slots;
}

Kept answer(const SearchCase& search, const UserCase& user, const std::byte* target) {
  Kept kept;
  const double target_norm_sq = dot(search, target, target);
  if (target_norm_sq == 0) return kept;
  const std::vector<std::int32_t> slot_of = slots_by_position(user);
  std::set<std::int32_t> seen;
  for (std::size_t i = slot_of.size(); i-- > 0;) {
    const std::int32_t slot = slot_of[i];
    if (slot < 0) continue;
    if (!user.excluded.empty() && user.excluded[static_cast<std::size_t>(slot)]) continue;
    if (!user.times.empty() && !search.is_in_time(user.times[i])) continue;
    const std::int32_t row = user.packed ? slot : user.row_of_slot[static_cast<std::size_t>(slot)];
    if (search.distinct && !seen.insert(slot).second) continue;
    const std::byte* values = search.view().row(static_cast<std::size_t>(row));
    const double norm_sq = dot(search, values, values);
    if (norm_sq == 0) continue;
    const float value = score(search, dot(search, target, values), target_norm_sq, norm_sq);
    if (value >= search.min_score) kept.emplace_back(static_cast<std::int32_t>(i), value);
  }
  std::sort(kept.begin(), kept.end(), [](const auto& a, const auto& b) {
    return a.second != b.second ? a.second > b.second : a.first > b.first;
  });
  if (kept.size() > search.k) kept.resize(search.k);
  return kept;
}

}  // namespace

std::vector<Kept> answers(const SearchCase& search) {
  std::vector<Kept> all;
  for (const UserCase& user : search.users) {
    for (const auto& target : user.targets) {
      all.push_back(target.empty() ? Kept{} : answer(search, user, target.data()));
    }
  }
  return all;
}

}  // namespace kleio::cuda::tests
