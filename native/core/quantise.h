// Symmetric int8 quantisation of one row, with a proven bound on what it loses.
//
//   x^ = scale * codes,  scale = max|x| / 127,  residual = |x - x^|
//   |<x,q> - <x^,q^>| <= |x - x^| * |q| + |x^| * |q - q^|        (Cauchy-Schwarz, twice)
//
// All of it is computed in float64; whoever narrows `residual` to float32 rounds it up.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

#include "core/dtype.h"

namespace kleio {

struct QuantisedRow {
  double scale = 0;     // 0 for a zero row
  double residual = 0;  // |x - scale * codes|
  double norm_sq = 0;   // |x|^2 in ascending dimension order: the canonical squared norm
};

// `values` are finite; `codes` has as many places.
QuantisedRow quantise(std::span<const float> values, std::span<std::int8_t> codes) noexcept;

// Widens as many elements of a row at any address as `values` has places.
void widen(const std::byte* row, Dtype dtype, std::span<float> values) noexcept;

// The codes of a row of any type: the row's own where they are exact, of scale 1; else those of its
// values, which `values` then holds.
QuantisedRow encode_row(const std::byte* row, Dtype dtype, std::span<float> values,
                        std::span<std::int8_t> codes) noexcept;

// The smallest float32 that is not below `value` (finite, not negative).
float round_up(double value) noexcept;

}  // namespace kleio
