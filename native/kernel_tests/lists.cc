// Searches by lists: thresholds against the true K-th best score, lists against the rows that reach
// them, and lists that are too short.
#include <algorithm>
#include <bit>
#include <cmath>
#include <functional>
#include <numeric>
#include <set>
#include <utility>

#include "cuda/kernels/wgmma_layout.h"
#include "kernel_tests/check.h"
#include "kernel_tests/device_search.h"
#include "kernel_tests/equality.h"
#include "kernel_tests/sections.h"
#include "kernel_tests/truth.h"

namespace kleio::cuda::tests {
namespace {

// Of a target: what is true, and how far float32 estimates and thresholds may be from it. int8
// inner products have no margin, and then nothing may be off at all.
struct TrueTarget {
  TrueTarget(const SearchCase& search, const UserCase& user, const std::byte* target,
             const TargetRecord& record)
      : margin(static_cast<double>(record.margin)) {
    const TrueScores scores(search, user, target, record);
    for (std::uint32_t slot = 0; slot < user.slots; ++slot) {
      by_slot.push_back(scores.of(slot).value);
      if (by_slot.back() != kNothing) sorted.push_back(by_slot.back());
    }
    std::ranges::sort(sorted, std::greater<>());
  }
  double slack(double value) const {
    return margin == 0 || std::isinf(value) ? 0 : std::fabs(value) * 1e-6;
  }

  double margin;
  std::vector<double> by_slot, sorted;
};

// A row of the K best has an estimate of at least its score less the margin.
void check_threshold(const SearchCase& search, const TrueTarget& target,
                     const DeviceLists::OfTarget& list) {
  double most = static_cast<double>(list.record.first_threshold);
  if (target.sorted.size() >= search.k) most = std::max(most, target.sorted[search.k - 1]);
  most -= target.margin;
  require(static_cast<double>(list.threshold) <= most + target.slack(most),
          "%s, %s, k = %u: a threshold of %.9g, and not at most %.9g", search.family.c_str(),
          name_of(search.dtype), search.k, static_cast<double>(list.threshold), most);
}

void check_list(const SearchCase& search, const TrueTarget& target,
                const DeviceLists::OfTarget& list) {
  const double threshold = static_cast<double>(list.threshold);
  const std::set<std::uint32_t> slots(list.slots.begin(), list.slots.end());
  require(slots.size() == list.slots.size(), "a row is listed twice");
  std::uint32_t sure = 0;
  for (std::uint32_t slot = 0; slot < target.by_slot.size(); ++slot) {
    const double value = target.by_slot[slot];
    const bool listed = slots.contains(slot);
    const double slack = target.margin + target.slack(value);
    require(!listed || value + slack >= threshold, "a row of %.9g below %.9g is listed", value,
            threshold);
    if (!(value - slack >= threshold) || value == kNothing) continue;
    ++sure;
    require(listed || list.reached > list.slots.size(), "%s, %s: a row of %.9g is not listed",
            search.family.c_str(), name_of(search.dtype), value);
  }
  require(list.reached >= sure, "%u rows reach a threshold, not %u", sure, list.reached);
  for (std::size_t i = 0; i < list.slots.size(); ++i) {
    const double value = target.by_slot[list.slots[i]];
    const double error = std::fabs(static_cast<double>(list.estimates[i]) - value);
    require(error <= target.margin + target.slack(value), "an estimate of %.9g for %.9g",
            static_cast<double>(list.estimates[i]), value);
  }
}

Execution random_execution(Random& random) {
  Execution execution;
  execution.seed = random();
  execution.search = CandidateSearch::kLists;
  execution.multiprocessors = draw(random, 1, 40);
  execution.small_blocks = one_in(random, 4);
  execution.width = draw_width(random);
  if (one_in(random, 2)) execution.stride = draw(random, 1, 12);
  if (one_in(random, 3)) execution.stage_capacity = draw(random, 1, 40);
  if (one_in(random, 4)) execution.list_capacity = draw(random, 1, 300);
  execution.wgmma = one_in(random, 2);
  return execution;
}

// Rows listed for each of the stride * K expected ones.
double length_of_lists(Random& random, const SearchCase& search, std::uint32_t stride) {
  Execution execution;
  execution.seed = random();
  execution.search = CandidateSearch::kLists;
  execution.stride = stride;
  double listed = 0;
  const DeviceLists lists = list_on_device(search, execution);
  for (const DeviceLists::OfTarget& list : lists.targets) listed += list.reached;
  return listed / static_cast<double>(lists.targets.size() * stride * search.k);
}

void check_lengths(Random& random, std::uint32_t k, std::uint32_t stride) {
  SearchCase search = long_case(random, k);
  auto& targets = search.users[0].targets;
  for (std::uint32_t t = 0; t < 40; ++t) targets.push_back(random_row(random, search, t));
  const double length = length_of_lists(random, search, stride);
  require(length > 0.8 && length < 1.5, "k = %u: lists are %.2f times as long as expected", k,
          length);
}

// A history that comes ever closer to the target, so that a beginning says nothing of the rest. The
// rows of a block are neighbours in rank: at most 8 times as many reach what K blocks reach.
void check_drift(Random& random, std::uint32_t k, std::uint32_t stride) {
  SearchCase search = long_case(random, k);
  search.unit = Unit::kDot;
  UserCase& user = search.users[0];
  user.targets.push_back(random_row(random, search, 0));
  TargetRecord record;
  record.estimate_per_score = 1;
  const TrueScores scores(search, user, user.targets[0].data(), record);
  std::vector<std::uint32_t> order(search.rows);
  std::iota(order.begin(), order.end(), 0u);
  std::ranges::sort(order, {}, [&](std::uint32_t row) { return scores.of(row).value; });
  std::vector<std::byte> sorted;
  for (const std::uint32_t row : order) {
    const std::byte* values = search.view().row(row);
    sorted.insert(sorted.end(), values, values + search.view().row_stride_bytes());
  }
  search.table = std::move(sorted);
  const double length = length_of_lists(random, search, stride);
  require(length < 9, "a drifting history: lists are %.2f times as long as expected", length);
}

// Rows and the bits of their estimates by target.
std::vector<std::vector<std::pair<std::uint32_t, std::uint32_t>>> rows_of(
    const DeviceLists& lists) {
  std::vector<std::vector<std::pair<std::uint32_t, std::uint32_t>>> rows;
  for (const DeviceLists::OfTarget& list : lists.targets) {
    require(list.reached == list.slots.size(), "a list of all rows is too short");
    auto& of_target = rows.emplace_back();
    for (std::size_t i = 0; i < list.slots.size(); ++i) {
      of_target.emplace_back(list.slots[i], std::bit_cast<std::uint32_t>(list.estimates[i]));
    }
    std::ranges::sort(of_target);
  }
  return rows;
}

// wgmma lists what mma.sync lists, bit for bit: of any number of targets and tiles of rows, in
// items of any size. Returns the rows that were listed.
std::size_t check_instructions(Random& random) {
  SearchCase search;
  do {
    search = random_case(random, {.slots = one_in(random, 4) ? 300u : 3000u,
                                  .dim = kSwizzleLine,
                                  .targets = one_in(random, 2) ? 600u : 70u});
  } while (!has_exact_codes(search.dtype) || search.dim > kSwizzleLine);
  Execution execution;
  execution.seed = random();
  execution.search = CandidateSearch::kLists;
  execution.multiprocessors = one_in(random, 2) ? 1 : draw(random, 1, 20);
  execution.stride = draw(random, 1, 8);
  execution.list_capacity = search.rows;
  const auto expected = rows_of(list_on_device(search, execution));
  execution.wgmma = true;
  execution.other_items = one_in(random, 3);
  execution.seed = random();
  if (one_in(random, 2)) execution.stage_capacity = draw(random, 1, 300);
  require(rows_of(list_on_device(search, execution)) == expected,
          "%s, dim = %u: wgmma lists other rows", search.family.c_str(), search.dim);
  std::size_t listed = 0;
  for (const auto& rows : expected) listed += rows.size();
  return listed;
}

}  // namespace

std::string check_lists(Random& random, std::uint32_t cases) {
  check_lengths(random, 20, 4);
  check_lengths(random, 5, 8);
  check_drift(random, 20, 4);
  std::size_t listed = 0;
  for (std::uint32_t i = 0; i < cases; i += 6) listed += check_instructions(random);
  require(listed > 0, "nothing is listed: the instructions are not compared");
  std::uint64_t targets = 0;
  for (std::uint32_t i = 0; i < cases; ++i) {
    const SearchCase search = random_case(random, {.slots = 600, .dim = 120, .targets = 20});
    const DeviceLists lists = list_on_device(search, random_execution(random));
    if (lists.targets.empty()) continue;
    std::size_t output = 0;
    for (const UserCase& user : search.users) {
      for (const auto& embedding : user.targets) {
        const DeviceLists::OfTarget& list = lists.targets[output++];
        if (list.record.norm_sq == 0 || !std::isfinite(list.record.margin)) {
          require(list.reached == 0, "rows are listed for a target without a threshold");
          continue;
        }
        const TrueTarget target(search, user, embedding.data(), list.record);
        check_threshold(search, target, list);
        check_list(search, target, list);
        ++targets;
      }
    }
  }
  return std::to_string(targets) + " targets";
}

// Lists that hold a few rows lose some, and the answer does not show it.
std::string check_overflows(Random& random, std::uint32_t cases) {
  std::uint64_t overflowed = 0;
  std::uint64_t listed = 0;
  for (std::uint32_t i = 0; i < cases; ++i) {
    SearchCase search = random_case(random, {.slots = 900, .dim = 24, .targets = 12});
    search.k = draw(random, 1, 60);
    Execution execution = random_execution(random);
    execution.list_capacity = draw(random, 1, 2 * search.k);
    execution.stage_capacity = draw(random, 1, 100);
    const DeviceAnswer found = search_on_device(search, execution);
    require_equal(search, found, answers(search), "with short lists");
    for (const SelectCounts& counts : found.counts) {
      overflowed += counts.overflows;
      listed += counts.visited_rows > 0 && counts.overflows == 0 ? 1 : 0;
    }
  }
  require(overflowed > 0 && listed > 0, "%llu lists overflowed, %llu did not: one is not tested",
          static_cast<unsigned long long>(overflowed), static_cast<unsigned long long>(listed));
  return std::to_string(overflowed) + " overflows";
}

}  // namespace kleio::cuda::tests
