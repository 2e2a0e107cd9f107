#include "kernel_tests/truth.h"

#include <cmath>

namespace kleio::cuda::tests {
namespace {

double dot(const SearchCase& search, const std::byte* a, const std::byte* b) {
  return with_element(search.dtype, [&]<typename Element>() {
    long double sum = 0;
    for (std::size_t d = 0; d < search.dim; ++d) {
      sum += static_cast<long double>(load_element<Element>(a, d)) *
             static_cast<long double>(load_element<Element>(b, d));
    }
    return static_cast<double>(sum);
  });
}

}  // namespace

// estimate_per_score is |q| / s for cosines and 1 / s for dots: both hold 1 / s.
TrueScores::TrueScores(const SearchCase& search, const UserCase& user, const std::byte* target,
                       const TargetRecord& record)
    : search_(search),
      user_(user),
      target_(target),
      norm_sq_(dot(search, target, target)),
      estimates_per_dot_(static_cast<double>(record.estimate_per_score) /
                         (search.unit == Unit::kCosine ? std::sqrt(norm_sq_) : 1)) {}

Truth TrueScores::of(std::uint32_t slot) const {
  const std::int32_t row = user_.packed ? static_cast<std::int32_t>(slot) : user_.row_of_slot[slot];
  if (!is_eligible(slot) || row < 0) return {};
  const std::byte* values = search_.view().row(static_cast<std::size_t>(row));
  const double row_norm_sq = dot(search_, values, values);
  if (row_norm_sq == 0) return {};
  const double product = dot(search_, target_, values);
  if (search_.unit == Unit::kDot) return {product * estimates_per_dot_, std::sqrt(row_norm_sq)};
  return {product / std::sqrt(row_norm_sq * norm_sq_) * std::sqrt(norm_sq_) * estimates_per_dot_,
          1};
}

bool TrueScores::is_eligible(std::uint32_t slot) const {
  if (user_.packed) return true;
  if (!user_.excluded.empty() && user_.excluded[slot]) return false;
  for (std::size_t i = 0; i < user_.slot_of.size(); ++i) {
    if (user_.slot_of[i] != static_cast<std::int32_t>(slot)) continue;
    if (user_.times.empty() || search_.is_in_time(user_.times[i])) return true;
  }
  return false;
}

}  // namespace kleio::cuda::tests
