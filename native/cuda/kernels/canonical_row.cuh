// The canonical score of one row on the device: core/score.h over stored values.
//
// Float64 in ascending dimension, so one thread scores one row from beginning to end. Products of
// two float32 values are exact in float64: contraction into FMA cannot change a bit. Padding adds
// zeros, which changes none either.
#pragma once

#include <cstdint>

#include "core/score.h"
#include "cuda/kernels/search_params.h"
#include "cuda/kernels/words.cuh"

namespace kleio::cuda {

template <CodeType kCode, typename Load>
KLEIO_KERNEL_CODE double dot_of_16_bit_row(const std::byte* row, std::uint32_t bytes,
                                           const float* target, Load load) {
  double sum = 0;
  for (std::uint32_t byte = 0; byte < bytes; byte += sizeof(Words)) {
    const Words words = load(row + byte);
    KLEIO_UNROLL for (std::uint32_t i = 0; i < 8; ++i) {
      const float value = float_of_code(kCode, words.w[i / 2] >> 16 * (i % 2) & 0xffffu);
      sum += static_cast<double>(target[byte / 2 + i]) * static_cast<double>(value);
    }
  }
  return sum;
}

template <typename Load>
KLEIO_KERNEL_CODE double dot_of_float32_row(const std::byte* row, std::uint32_t bytes,
                                            const float* target, Load load) {
  double sum = 0;
  for (std::uint32_t byte = 0; byte < bytes; byte += sizeof(Words)) {
    const Words words = load(row + byte);
    KLEIO_UNROLL for (std::uint32_t i = 0; i < 4; ++i) {
      sum += static_cast<double>(target[byte / 4 + i]) *
             static_cast<double>(float_of_bits(words.w[i]));
    }
  }
  return sum;
}

// Of a float table; `target` is its row of TargetParams::values.
template <typename Load>
KLEIO_KERNEL_CODE double canonical_dot(const TableParams& table, std::uint32_t row,
                                       const float* target, Load load) {
  const std::byte* values = table.values + std::uint64_t{row} * table.value_row_bytes;
  const std::uint32_t element = table.dtype == Dtype::kFloat32 ? 4 : 2;
  const std::uint32_t bytes = (table.dim * element + 15) / 16 * 16;
  if (table.dtype == Dtype::kFloat32) return dot_of_float32_row(values, bytes, target, load);
  return table.dtype == Dtype::kFloat16
             ? dot_of_16_bit_row<CodeType::kFloat16>(values, bytes, target, load)
             : dot_of_16_bit_row<CodeType::kBfloat16>(values, bytes, target, load);
}

KLEIO_KERNEL_CODE float canonical_score(Unit unit, double dot, double target_norm_sq,
                                        const TableParams& table, std::uint32_t row) {
  return unit == Unit::kCosine ? canonical_cosine(dot, target_norm_sq, table.norms_sq[row])
                               : canonical_inner_product(dot);
}

}  // namespace kleio::cuda
