// The canonical score of one row on the device: core/score.h over stored values.
//
// Float64 in ascending dimension, so one thread scores one row from beginning to end. Products of
// two float32 values are exact in float64: contraction into FMA cannot change a bit. Padding adds
// zeros, which changes none either.
#pragma once

#include <cstdint>

#include "core/unit.h"
#include "cuda/kernels/search_params.h"
#include "cuda/kernels/words.cuh"

namespace kleio::cuda {

template <typename Element, typename Load>
KLEIO_KERNEL_CODE double dot_of_float_row(const std::byte* row, std::uint32_t dim,
                                          const float* target, Load load) {
  constexpr std::uint32_t kElementBytes = sizeof(typename Element::Stored);
  double sum = 0;
  const std::uint32_t bytes = bytes_in_words<Element>(dim);
  for (std::uint32_t byte = 0; byte < bytes; byte += sizeof(Words)) {
    const Words words = load(row + byte);
    KLEIO_UNROLL for (std::uint32_t i = 0; i < kInWords<Element>; ++i) {
      sum += static_cast<double>(target[byte / kElementBytes + i]) *
             static_cast<double>(element_of<Element>(words, i));
    }
  }
  return sum;
}

// Of a float table; `target` is its row of TargetParams::values.
template <typename Load>
KLEIO_KERNEL_CODE double canonical_dot(const TableParams& table, std::uint32_t row,
                                       const float* target, Load load) {
  const std::byte* values = table.values + std::uint64_t{row} * table.value_row_bytes;
  return with_element(table.dtype, [&]<typename Element>() -> double {
    if constexpr (Element::kExactCodes) {
      return 0;  // whose scan has computed the dot
    } else {
      return dot_of_float_row<Element>(values, table.dim, target, load);
    }
  });
}

KLEIO_KERNEL_CODE float canonical_score(Unit unit, double dot, double target_norm_sq,
                                        const TableParams& table, std::uint32_t row) {
  return canonical_score(unit, dot, target_norm_sq, [&] { return table.norms_sq[row]; });
}

}  // namespace kleio::cuda
