// Canonical float64 dots of float32 rows with one target, written once over a level's registers.
// Included by a level's file after it has chosen its instruction set and its columns_*.h.
//
// Formula   dots[i] = sum_d target[d] * rows[i][d]
// Shapes    Columns::kRows rows at a time, one a 64-bit lane, of which the last ones may be absent.
// Exactness each lane adds in ascending dimension, as the definition asks; a product of two float32
//           is exact in float64, so fusing changes no bit.
// Cost      a transposition of kRows x kRows values for kRows fused multiply-adds.
//
// `Columns` has the register Sums and
//   Sums add_block(sums, row, d, target)  dimensions d to d + kRows of the rows
//   Sums add_one(sums, row, d, target)    dimension d
//   store(sums, dots, present)            the first `present` lanes
#pragma once

#include <cstddef>

namespace kleio {
namespace {

template <typename Columns>
void canonical_dots(const double* target, const float* const* rows, std::size_t count,
                    std::size_t dim, double* dots) noexcept {
  constexpr std::size_t kRows = Columns::kRows;
  for (std::size_t begin = 0; begin < count; begin += kRows) {
    const std::size_t present = count - begin < kRows ? count - begin : kRows;
    const float* row[kRows];
    for (std::size_t i = 0; i < kRows; ++i) row[i] = rows[begin + (i < present ? i : 0)];
    typename Columns::Sums sums = Columns::none();
    std::size_t d = 0;
    for (; d + kRows <= dim; d += kRows) sums = Columns::add_block(sums, row, d, target);
    for (; d < dim; ++d) sums = Columns::add_one(sums, row, d, target);
    Columns::store(sums, dots + begin, present);
  }
}

}  // namespace
}  // namespace kleio
