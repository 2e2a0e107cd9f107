// What it costs to find a row by its id: one by one and many at once, beside the binary search over
// ascending ids, in tables of every size of cache. Prints a JSON array, nanoseconds an id.
#include <algorithm>
#include <array>
#include <chrono>
#include <cstdint>
#include <cstdio>
#include <random>
#include <vector>

#include "core/id_index.h"

namespace {

using kleio::IdIndex;
using Clock = std::chrono::steady_clock;

constexpr std::size_t kBatch = 1000;  // ids of a request
constexpr std::array<std::size_t, 5> kRows = {300, 30'000, 200'000, 1'000'000, 5'000'000};
constexpr std::size_t kBatches = 1000;  // each of other ids, so that caches are warm with none

std::int64_t checksum = 0;

// The median over batches.
template <typename Look>
double nanoseconds_per_id(const std::vector<std::int64_t>& asked, const Look& look) {
  std::vector<std::int32_t> rows(kBatch);
  std::vector<double> times;
  for (std::size_t first = 0; first < asked.size(); first += kBatch) {
    const std::span<const std::int64_t> ids(asked.data() + first, kBatch);
    const auto start = Clock::now();
    look(ids, rows);
    const std::chrono::duration<double, std::nano> elapsed = Clock::now() - start;
    times.push_back(elapsed.count() / kBatch);
    for (const std::int32_t row : rows) checksum += row;
  }
  std::ranges::nth_element(times, times.begin() + kBatches / 2);
  return times[kBatches / 2];
}

void measure(std::size_t rows, std::mt19937_64& random, bool last) {
  std::vector<std::int64_t> ids(rows);
  std::int64_t id = 1'000'000;
  for (std::int64_t& value : ids) value = id += 1 + static_cast<std::int64_t>(random() % 64);
  const IdIndex index(ids);
  std::vector<std::int64_t> asked(kBatch * kBatches);
  for (std::int64_t& value : asked) value = ids[random() % rows];

  const double searched = nanoseconds_per_id(asked, [&ids](auto of, auto& found) {
    std::ranges::transform(of, found.begin(), [&ids](std::int64_t wanted) {
      const auto place = std::ranges::lower_bound(ids, wanted);
      return place == ids.end() || *place != wanted
                 ? -1
                 : static_cast<std::int32_t>(place - ids.begin());
    });
  });
  const double single = nanoseconds_per_id(asked, [&index](auto of, auto& found) {
    std::ranges::transform(of, found.begin(),
                           [&](std::int64_t wanted) { return index.row_of(wanted); });
  });
  const double together =
      nanoseconds_per_id(asked, [&index](auto of, auto& found) { index.rows_of(of, found); });
  std::printf("  {\"rows\": %zu, \"binary search\": %.1f, \"row_of\": %.1f, \"rows_of\": %.1f}%s\n",
              rows, searched, single, together, last ? "" : ",");
}

}  // namespace

int main() {
  std::mt19937_64 random(1);
  std::puts("[");
  for (const std::size_t rows : kRows) measure(rows, random, rows == kRows.back());
  std::puts("]");
  return checksum == 42;  // so that no lookup is optimised away
}
