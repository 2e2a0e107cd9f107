// The canonical score: the definition that every kernel, thread count, batch split and device
// obeys.
//
// Formula   dot = sum_d a[d]*b[d],  cosine = dot / sqrt(|a|^2 * |b|^2).
// Order     int8: exact integers. Floats: float64 accumulation in ascending dimension; a product of
//           two float32 values is exact in float64, so contraction into FMA cannot change a bit.
// Rounding  one division, one square root, clamp to [-1, 1], one rounding to float32; -0 becomes 0.
// Zero rows have no direction: callers never score them (both units), they are never kept.
// Range     squared norms are below 2^161 and above 2^-300 for finite float32 rows: no overflow,
//           no underflow. An inner product beyond float32 saturates at the largest finite value.
#pragma once

#include <cassert>
#include <cmath>
#include <cstddef>
#include <cstdint>

#include "core/host_device.h"

namespace kleio {

inline constexpr float kMaxScore = 3.402823466e+38f;

KLEIO_HOST_DEVICE inline float rounded_score(double value) noexcept {
  if (value > static_cast<double>(kMaxScore)) return kMaxScore;
  if (value < -static_cast<double>(kMaxScore)) return -kMaxScore;
  return static_cast<float>(value) + 0.0f;
}

// Both squared norms must be above zero.
KLEIO_HOST_DEVICE inline float canonical_cosine(double dot, double target_norm_sq,
                                                double row_norm_sq) noexcept {
  assert(target_norm_sq > 0 && row_norm_sq > 0);
  const double cosine = dot / sqrt(target_norm_sq * row_norm_sq);
  return rounded_score(cosine > 1.0 ? 1.0 : cosine < -1.0 ? -1.0 : cosine);
}

KLEIO_HOST_DEVICE inline float canonical_inner_product(double dot) noexcept {
  return rounded_score(dot);
}

KLEIO_HOST_DEVICE inline std::int32_t exact_dot(const std::int8_t* a, const std::int8_t* b,
                                                std::size_t dim) noexcept {
  std::int32_t sum = 0;  // |sum| <= 4096 * 2^14 = 2^26
  for (std::size_t d = 0; d < dim; ++d) sum += a[d] * b[d];
  return sum;
}

}  // namespace kleio
