#include "core/quantise.h"

#include <algorithm>
#include <bit>
#include <cassert>
#include <cmath>

namespace kleio {
namespace {

// Adding 1.5 * 2^23 leaves the integer nearest to `value` in the low mantissa bits; unlike lrintf
// this vectorises without SSE4.1.
inline std::int32_t nearest_integer(float value) noexcept {
  return std::bit_cast<std::int32_t>(value + 0x1.8p23f) - 0x4b400000;
}

}  // namespace

double norm_sq_of(std::span<const float> values) noexcept {
  double sum = 0;
  for (const float value : values) sum += static_cast<double>(value) * value;
  return sum;
}

QuantisedRow quantise(std::span<const float> values, std::span<std::int8_t> codes) noexcept {
  assert(codes.size() == values.size());
  QuantisedRow row;
  float largest = 0;
  for (const float value : values) largest = std::max(largest, std::fabs(value));
  row.norm_sq = norm_sq_of(values);
  if (largest == 0) {
    std::fill(codes.begin(), codes.end(), std::int8_t{0});
    return row;
  }
  row.scale = static_cast<double>(largest) / 127;
  const double inverse = 1 / row.scale;
  for (std::size_t d = 0; d < values.size(); ++d) {
    codes[d] = static_cast<std::int8_t>(nearest_integer(static_cast<float>(values[d] * inverse)));
  }
  // Four partial sums: the residual is a bound, its order of summation is free.
  double residual_sq[4] = {0, 0, 0, 0};
  for (std::size_t d = 0; d < values.size(); ++d) {
    const double lost = static_cast<double>(values[d]) - row.scale * codes[d];
    residual_sq[d % 4] += lost * lost;
  }
  row.residual = std::sqrt(residual_sq[0] + residual_sq[1] + residual_sq[2] + residual_sq[3]);
  return row;
}

void widen(const std::byte* row, Dtype dtype, std::span<float> values) noexcept {
  with_element(dtype, [&]<typename Element>() {
    for (std::size_t d = 0; d < values.size(); ++d) values[d] = load_element<Element>(row, d);
  });
}

QuantisedRow value_row(const std::byte* row, Dtype dtype, std::span<float> values,
                       std::span<std::int8_t> codes) noexcept {
  widen(row, dtype, values);
  return quantise(values, codes);
}

float round_up(double value) noexcept {
  assert(value >= 0);
  const float nearest = static_cast<float>(value);
  // Of what is not negative, the bits of the next float are the next integer.
  return static_cast<double>(nearest) >= value ? nearest : float_of_bits(float_bits(nearest) + 1);
}

}  // namespace kleio
