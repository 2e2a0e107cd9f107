// Element types of embeddings: one row a type, which whatever depends on the type reads.
//
// A new type is its name in Dtype, one more in kDtypeCount, its row, and its line in with_element;
// a switch that misses it does not compile. Its other row is that of lib/tables/dtypes.ts.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>

#include "core/float_formats.h"
#include "core/host_device.h"

namespace kleio {

// The numeric values are the binary's contract with lib/binding/contract/codes.ts.
enum class Dtype : std::uint8_t {
  kInt8 = 0,
  kFloat16 = 1,
  kBfloat16 = 2,
  kFloat32 = 3,
  kFloat8 = 4
};

inline constexpr int kDtypeCount = 5;  // a test compares it with lib's

// What a GPU's tensor cores multiply. int8 dots are exact; the others accumulate in float32.
enum class CodeType : std::uint32_t { kInt8 = 0, kFloat16 = 1, kBfloat16 = 2 };

// Magnitudes from `least` to `most`; none where `most` is less.
struct Magnitudes {
  float least;
  float most;
};

inline constexpr Magnitudes kNoMagnitudes = {1, 0};

// A row:
//   Stored          what an element is kept in
//   kName           to users;  kTensorName  in a .safetensors file
//   kExactCodes     the elements are themselves what a scan multiplies, so that its dots are exact
//   kSpecial        of floats: the bits that NaN, infinities and nothing else have all set
//   kMin, kMax  the finite range
//   kCode, kPlain   A GPU's tensor cores multiply elements that are 0 or of a magnitude in kPlain
//                   as they are stored, as kCode. A table with others is scanned by scaled float16
//                   codes (cuda/residency/table_encoding.h).
//   widen           exact, to float32
//   narrow          the nearest element, ties to even, of a value within the finite range
struct Int8Element {
  using Stored = std::int8_t;
  static constexpr const char* kName = "int8";
  static constexpr const char* kTensorName = "I8";
  static constexpr bool kExactCodes = true;
  static constexpr float kMin = -128, kMax = 127;
  static constexpr CodeType kCode = CodeType::kInt8;
  static constexpr Magnitudes kPlain = {1, 128};

  KLEIO_HOST_DEVICE static float widen(Stored code) noexcept { return code; }
  KLEIO_HOST_DEVICE static Stored narrow(double value) noexcept {
    return static_cast<Stored>(nearbyint(value));
  }
};

struct Float16Element {
  using Stored = std::uint16_t;
  static constexpr const char* kName = "float16";
  static constexpr const char* kTensorName = "F16";
  static constexpr bool kExactCodes = false;
  static constexpr std::uint16_t kSpecial = 0x7c00;
  static constexpr float kMin = -65504, kMax = 65504;
  static constexpr CodeType kCode = CodeType::kFloat16;
  static constexpr Magnitudes kPlain = {0x1p-14f, kMax};  // hardware may read subnormals as 0

  KLEIO_HOST_DEVICE static float widen(Stored bits) noexcept { return float_from_half(bits); }
  KLEIO_HOST_DEVICE static Stored narrow(double value) noexcept {
    return static_cast<Stored>(nearest_bits<5, 10>(value));
  }
};

struct Bfloat16Element {
  using Stored = std::uint16_t;
  static constexpr const char* kName = "bfloat16";
  static constexpr const char* kTensorName = "BF16";
  static constexpr bool kExactCodes = false;
  static constexpr std::uint16_t kSpecial = 0x7f80;
  static constexpr float kMin = -0x1.fep127f, kMax = 0x1.fep127f;
  static constexpr CodeType kCode = CodeType::kBfloat16;
  // The accumulator of a scan then neither overflows nor loses bits to underflow.
  static constexpr Magnitudes kPlain = {0x1p-60f, 0x1p60f};

  KLEIO_HOST_DEVICE static float widen(Stored bits) noexcept { return float_from_bfloat16(bits); }
  KLEIO_HOST_DEVICE static Stored narrow(double value) noexcept {
    return static_cast<Stored>(nearest_bits<8, 7>(value));
  }
};

struct Float32Element {
  using Stored = float;
  static constexpr const char* kName = "float32";
  static constexpr const char* kTensorName = "F32";
  static constexpr bool kExactCodes = false;
  static constexpr std::uint32_t kSpecial = 0x7f800000;
  static constexpr float kMin = -0x1.fffffep127f, kMax = 0x1.fffffep127f;
  static constexpr CodeType kCode = CodeType::kFloat16;
  static constexpr Magnitudes kPlain = kNoMagnitudes;

  KLEIO_HOST_DEVICE static float widen(Stored value) noexcept { return value; }
  KLEIO_HOST_DEVICE static Stored narrow(double value) noexcept {
    return static_cast<float>(value);
  }
};

// E4M3FN of the OCP specification of 8-bit floats: without infinities, NaN where all bits but the
// sign are set. Its values are normal in float16, so that scaled codes lose nothing.
struct Float8Element {
  using Stored = std::uint8_t;
  static constexpr const char* kName = "float8";
  static constexpr const char* kTensorName = "F8_E4M3";
  static constexpr bool kExactCodes = false;
  static constexpr std::uint8_t kSpecial = 0x7f;
  static constexpr float kMin = -448, kMax = 448;
  static constexpr CodeType kCode = CodeType::kFloat16;
  static constexpr Magnitudes kPlain = kNoMagnitudes;

  KLEIO_HOST_DEVICE static float widen(Stored bits) noexcept { return float_from_e4m3(bits); }
  KLEIO_HOST_DEVICE static Stored narrow(double value) noexcept {
    return static_cast<Stored>(nearest_bits<4, 3>(value));
  }
};

// Calls visit.template operator()<Element>() with the row of `dtype` and returns what it returns.
// Outside a loop: what is inside is then compiled for the type.
KLEIO_CALLER_DECIDES
template <typename Visit>
KLEIO_HOST_DEVICE constexpr auto with_element(Dtype dtype, Visit&& visit) {
  switch (dtype) {
    case Dtype::kInt8:
      return visit.template operator()<Int8Element>();
    case Dtype::kFloat16:
      return visit.template operator()<Float16Element>();
    case Dtype::kBfloat16:
      return visit.template operator()<Bfloat16Element>();
    case Dtype::kFloat32:
      return visit.template operator()<Float32Element>();
    case Dtype::kFloat8:
      return visit.template operator()<Float8Element>();
  }
  __builtin_unreachable();
}

constexpr std::size_t size_of(Dtype dtype) noexcept {
  return with_element(dtype, [&]<typename Element>() { return sizeof(typename Element::Stored); });
}

constexpr const char* name_of(Dtype dtype) noexcept {
  return with_element(dtype, [&]<typename Element>() { return Element::kName; });
}

constexpr bool has_exact_codes(Dtype dtype) noexcept {
  return with_element(dtype, [&]<typename Element>() { return Element::kExactCodes; });
}

// Element `index` of a row, which may lie at any address.
template <typename Element>
KLEIO_HOST_DEVICE inline float load_element(const std::byte* row, std::size_t index) noexcept {
  typename Element::Stored stored;
  std::memcpy(&stored, row + index * sizeof stored, sizeof stored);
  return Element::widen(stored);
}

template <typename Element>
void store_element(std::byte* row, std::size_t index, double value) noexcept {
  const typename Element::Stored stored = Element::narrow(value);
  std::memcpy(row + index * sizeof stored, &stored, sizeof stored);
}

// The same of a type that is known at run time: where elements are few.
inline float load_element(const std::byte* row, Dtype dtype, std::size_t index) noexcept {
  return with_element(dtype, [&]<typename Element>() { return load_element<Element>(row, index); });
}

}  // namespace kleio
