// Element types of embeddings, and their exact widening to float32.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>

#include "core/host_device.h"

namespace kleio {

// The numeric values are the binary's contract with lib/binding/native.ts.
enum class Dtype : std::uint8_t { kInt8 = 0, kFloat16 = 1, kBfloat16 = 2, kFloat32 = 3 };

inline constexpr int kDtypeCount = 4;

constexpr std::size_t size_of(Dtype dtype) noexcept {
  switch (dtype) {
    case Dtype::kInt8:
      return 1;
    case Dtype::kFloat16:
    case Dtype::kBfloat16:
      return 2;
    case Dtype::kFloat32:
      return 4;
  }
  return 0;
}

constexpr const char* name_of(Dtype dtype) noexcept {
  switch (dtype) {
    case Dtype::kInt8:
      return "int8";
    case Dtype::kFloat16:
      return "float16";
    case Dtype::kBfloat16:
      return "bfloat16";
    case Dtype::kFloat32:
      return "float32";
  }
  return "";
}

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

// Element `index` of a row in any float dtype; rows may lie at any address.
KLEIO_HOST_DEVICE inline float load_float(const std::byte* row, Dtype dtype,
                                          std::size_t index) noexcept {
  if (dtype == Dtype::kFloat32) {
    float value;
    std::memcpy(&value, row + index * 4, 4);
    return value;
  }
  std::uint16_t bits;
  std::memcpy(&bits, row + index * 2, 2);
  return dtype == Dtype::kFloat16 ? float_from_half(bits) : float_from_bfloat16(bits);
}

}  // namespace kleio
