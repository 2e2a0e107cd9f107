// Floats narrower than float32: their exact widening, and the nearest of them.
#pragma once

#include <cmath>
#include <cstdint>

#include "core/host_device.h"

namespace kleio {

// IEEE 754 binary16 to binary32; exact for every value, subnormals included.
KLEIO_HOST_DEVICE inline float float_from_half(std::uint16_t bits) noexcept {
  const std::uint32_t sign = static_cast<std::uint32_t>(bits & 0x8000u) << 16;
  const std::uint32_t magnitude = bits & 0x7fffu;
  if (magnitude >= 0x7c00u) {
    return float_of_bits(sign | 0x7f800000u | (magnitude & 0x3ffu) << 13);
  }
  if (magnitude < 0x0400u) {  // subnormal: magnitude * 2^-24
    const float value = static_cast<float>(magnitude) * 0x1p-24f;
    return float_of_bits(sign | float_bits(value));
  }
  return float_of_bits(sign | ((magnitude << 13) + (112u << 23)));
}

KLEIO_HOST_DEVICE inline float float_from_bfloat16(std::uint16_t bits) noexcept {
  return float_of_bits(static_cast<std::uint32_t>(bits) << 16);
}

// E4M3FN to binary32; exact for every value. Without branches, as many values of an ordinary row
// are subnormal: magnitude * 2^-9.
KLEIO_HOST_DEVICE inline float float_from_e4m3(std::uint8_t bits) noexcept {
  const std::uint32_t sign = static_cast<std::uint32_t>(bits & 0x80u) << 24;
  const std::uint32_t magnitude = bits & 0x7fu;
  const std::uint32_t normal = (magnitude << 20) + (120u << 23);
  const std::uint32_t subnormal = float_bits(static_cast<float>(magnitude) * 0x1p-9f);
  const std::uint32_t finite = magnitude < 0x08u ? subnormal : normal;
  return float_of_bits(sign | (magnitude == 0x7fu ? 0x7fc00000u : finite));
}

// The bits of the number nearest to `value`, ties to even, in a format of a sign, kExponentBits
// with the bias of IEEE 754 and kFractionBits: rounded once, where going through float32 would
// round twice. `value` is within the format's finite range.
template <int kExponentBits, int kFractionBits>
KLEIO_HOST_DEVICE inline std::uint32_t nearest_bits(double value) noexcept {
  constexpr int kMinExponent = 2 - (1 << (kExponentBits - 1));  // of a normal number
  const double magnitude = fabs(value);
  const int own_exponent = ilogb(magnitude);
  const int exponent = own_exponent < kMinExponent ? kMinExponent : own_exponent;
  const auto steps =
      static_cast<std::uint32_t>(nearbyint(ldexp(magnitude, kFractionBits - exponent)));
  // Added, not joined: a fraction that rounds up to the next power of two carries into the
  // exponent.
  const std::uint32_t bits =
      (static_cast<std::uint32_t>(exponent - kMinExponent) << kFractionBits) + steps;
  const std::uint32_t sign = value < 0 ? 1u << (kExponentBits + kFractionBits) : 0;
  return sign | bits;
}

}  // namespace kleio
