// Symmetric int8 quantisation of one row, with a proven bound on what it loses.
//
//   x^ = scale * codes,  scale = max|x| / 127,  residual = |x - x^|
//   |<x,q> - <x^,q^>| <= |x - x^| * |q| + |x^| * |q - q^|        (Cauchy-Schwarz, twice)
//
// All of it is computed in float64; whoever narrows `residual` to float32 rounds it up.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <span>

#include "core/dtype.h"
#include "core/score.h"

namespace kleio {

struct QuantisedRow {
  double scale = 0;     // 0 for a zero row
  double residual = 0;  // |x - scale * codes|
  double norm_sq = 0;   // |x|^2, canonical
};

// `values` are finite; `codes` has as many places.
QuantisedRow quantise(std::span<const float> values, std::span<std::int8_t> codes) noexcept;

// The canonical squared norm: of exact products, in ascending dimension order.
double norm_sq_of(std::span<const float> values) noexcept;

// Widens as many elements of a row at any address as `values` has places.
void widen(const std::byte* row, Dtype dtype, std::span<float> values) noexcept;

// A row whose elements are codes themselves, of scale 1. Inline: packing such a row takes some tens
// of nanoseconds.
inline QuantisedRow exact_row(const std::byte* row, std::span<std::int8_t> codes) noexcept {
  std::memcpy(codes.data(), row, codes.size());
  QuantisedRow exact;
  exact.scale = 1;
  exact.norm_sq = exact_dot(codes.data(), codes.data(), codes.size());
  return exact;
}

// The codes of a row's values, which `values` then holds.
QuantisedRow value_row(const std::byte* row, Dtype dtype, std::span<float> values,
                       std::span<std::int8_t> codes) noexcept;

// That of the two which the type asks for.
inline QuantisedRow encode_row(const std::byte* row, Dtype dtype, std::span<float> values,
                               std::span<std::int8_t> codes) noexcept {
  return has_exact_codes(dtype) ? exact_row(row, codes) : value_row(row, dtype, values, codes);
}

// The smallest float32 that is not below `value` (finite, not negative).
float round_up(double value) noexcept;

}  // namespace kleio
