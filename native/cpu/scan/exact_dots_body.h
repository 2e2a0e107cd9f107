// Dots of rows of int8 codes, widened to 16 bits, with one target: written once and compiled by
// each level for its instructions. Included by a level's file after it has chosen them.
//
// Formula   dots[i] = sum_d target[d] * rows[i][d]
// Shapes    `count` rows, a multiple of kDotRows, of `words` values side by side, a multiple of
//           kDotWords; what pads them is zero.
// Exactness int32 holds every sum: |dot| <= 4096 * 2^14.
// Cost      compilers make a multiply-add of pairs (PMADDWD) of it; four rows share the target's
//           registers. Wider ones than AVX2's cost: 10 rows of 128 by 100 targets, 6.9 us in place
//           of 5.0 (AVX-512 VNNI, Xeon), in a burst this short.
#pragma once

#include <cstddef>
#include <cstdint>

#include "cpu/scan/scan_kernels.h"

namespace kleio {
namespace {

void exact_dots(const std::int16_t* target, const std::int16_t* rows, std::size_t count,
                std::size_t words, std::int32_t* dots) noexcept {
  static_assert(kDotRows == 4);
  words -= words % kDotWords;  // tells the compiler that nothing is left over
  for (std::size_t row = 0; row < count; row += kDotRows) {
    const std::int16_t* const first = rows + row * words;
    std::int32_t sums[kDotRows] = {};
    for (std::size_t d = 0; d < words; ++d) {
      sums[0] += target[d] * first[d];
      sums[1] += target[d] * first[words + d];
      sums[2] += target[d] * first[2 * words + d];
      sums[3] += target[d] * first[3 * words + d];
    }
    for (std::size_t i = 0; i < kDotRows; ++i) dots[row + i] = sums[i];
  }
}

}  // namespace
}  // namespace kleio
