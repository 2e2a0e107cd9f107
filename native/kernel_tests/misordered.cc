// Searches whose estimates put the best row last: only the margins on both sides keep it.
//
// Rows are (a, ..., a, b, ..., b), the target (1, ..., 1, 0, ..., 0). As float16 codes every a of
// the best row is rounded down by 2^-11, every a of the K rows after it up by as much, and b
// decides the true order by far less.
#include <algorithm>
#include <cstring>
#include <functional>

#include "kernel_tests/check.h"
#include "kernel_tests/device_search.h"
#include "kernel_tests/equality.h"
#include "kernel_tests/sections.h"

namespace kleio::cuda::tests {
namespace {

constexpr std::uint32_t kHalf = 64;
constexpr std::uint32_t kRowsApart = 64;  // no block holds two of these rows
constexpr float kRoundedDown = 1 + 0x1p-11f;
constexpr float kRoundedUp = 1 + 3 * 0x1p-11f;

void put_row(SearchCase& search, std::uint32_t row, float a, float b) {
  float values[2 * kHalf];
  std::fill_n(values, kHalf, a);
  std::fill_n(values + kHalf, kHalf, b);
  std::memcpy(search.table.data() + row * sizeof values, values, sizeof values);
}

SearchCase misordered_case(Random& random, std::uint32_t& best) {
  SearchCase search;
  search.family = "misordered";
  search.dtype = Dtype::kFloat32;
  search.dim = 2 * kHalf;
  search.k = draw(random, 1, 60);
  const std::uint32_t others = search.k + draw(random, 0, 20);
  search.rows = kRowsApart * (others + 1);
  search.table.resize(search.rows * search.view().row_stride_bytes());
  best = kRowsApart * draw(random, 0, others);
  for (std::uint32_t row = 0; row < search.rows; row += kRowsApart) {
    const float slope = row == best ? 0.1f : 0.1002f + 0.0001f * static_cast<float>(random() % 3);
    const float a = row == best ? kRoundedDown : kRoundedUp;
    put_row(search, row, a, a * slope);
  }
  UserCase& user = search.users.emplace_back();
  user.packed = true;
  user.slots = search.rows;
  float target[2 * kHalf] = {};
  std::fill_n(target, kHalf, 1.0f);
  const auto* bytes = reinterpret_cast<const std::byte*>(target);
  user.targets.emplace_back(bytes, bytes + sizeof target);
  return search;
}

}  // namespace

std::string check_misordered(Random& random, std::uint32_t cases) {
  for (std::uint32_t i = 0; i < cases; ++i) {
    std::uint32_t best = 0;
    const SearchCase search = misordered_case(random, best);
    Execution execution;
    execution.seed = random();
    execution.multiprocessors = draw(random, 1, 40);
    execution.width = draw_width(random);
    const std::vector<Kept> expected = answers(search);
    require(expected[0].front().first == static_cast<std::int32_t>(best), "another row is best");

    const DeviceBounds bounds = scan_on_device(search, execution);
    std::vector<float> estimates = bounds.upper[0];
    std::ranges::sort(estimates, std::greater<>());
    const float least = estimates[search.rows / kRowsApart - 1];
    require(least + bounds.records[0].margin < estimates[search.k - 1],
            "the best row's estimate is not a margin below the K-th");
    require_equal(search, search_on_device(search, execution), expected, "misordered");
    execution.search = CandidateSearch::kLists;
    require_equal(search, search_on_device(search, execution), expected, "misordered, by lists");
  }
  return std::to_string(cases) + " cases";
}

}  // namespace kleio::cuda::tests
