#include "cuda/residency/scaled_codes.h"

#include <algorithm>
#include <cmath>
#include <cstring>

#include "cuda/kernels/code_type.h"

namespace kleio::cuda {
namespace {

// Lanes of the instructions that every x86-64 has; a compiler does not find them in the loop by
// itself.
constexpr std::uint32_t kLanes = 4;
using Floats = float __attribute__((vector_size(16)));
using Words = std::uint32_t __attribute__((vector_size(16)));
using Halves = std::uint16_t __attribute__((vector_size(8)));
using Doubles = double __attribute__((vector_size(16)));

constexpr std::uint32_t kMinCode = 101u << 23;  // 2^-26 as float32: 2^-40 of the largest

struct Codes {
  Words bits;
  Floats values;
};

template <CodeType kCode>
Codes codes_of(Words bits) noexcept;

// Nearest binary16, ties to even, of values below 65520 in magnitude; subnormals become 0.
template <>
Codes codes_of<CodeType::kFloat16>(Words bits) noexcept {
  const Words sign = bits & 0x80000000u;
  Words magnitude = bits & 0x7fffffffu;
  magnitude += 0x0fffu + (magnitude >> 13 & 1u);  // rounds the 13 bits that go
  const auto normal = reinterpret_cast<Words>(magnitude >= 113u << 23);
  magnitude &= normal & ~0x1fffu;
  const Words rebiased = magnitude - (normal & 112u << 23);
  return {sign >> 16 | rebiased >> 13, reinterpret_cast<Floats>(sign | magnitude)};
}

// Nearest bfloat16, ties to even; exact for what was one before it was scaled.
template <>
Codes codes_of<CodeType::kBfloat16>(Words bits) noexcept {
  const Words rounded = bits + 0x7fffu + (bits >> 16 & 1u);
  return {rounded >> 16, reinterpret_cast<Floats>(rounded & 0xffff0000u)};
}

// Returns the sum of the squares of what the codes lose, in units of the codes: a bound, so that
// its order is free.
template <CodeType kCode>
double encode_row(std::span<const float> values, float first, float second,
                  std::uint16_t* codes) noexcept {
  Doubles low_sq{}, high_sq{};
  for (std::size_t d = 0; d < values.size(); d += kLanes) {
    Floats given;
    std::memcpy(&given, values.data() + d, sizeof given);
    const Floats scaled = given * first * second;
    const auto bits = reinterpret_cast<Words>(scaled);
    // A bfloat16 code this small would be lost in any sum, and a product of two might be subnormal.
    const auto kept = reinterpret_cast<Words>((bits & 0x7fffffffu) >= kMinCode);
    const Codes code = codes_of<kCode>(bits & kept);
    const Halves narrow = __builtin_convertvector(code.bits, Halves);
    std::memcpy(codes + d, &narrow, sizeof narrow);
    const Floats lost = scaled - code.values;
    const Doubles low = {lost[0], lost[1]};
    const Doubles high = {lost[2], lost[3]};
    low_sq += low * low;
    high_sq += high * high;
  }
  const Doubles sums = low_sq + high_sq;
  return sums[0] + sums[1];
}

}  // namespace

CodeScale::CodeScale(std::span<const float> values, CodeType type) noexcept : type_(type) {
  // Magnitudes are in the order of their bits, whose maximum vectorises.
  std::int32_t largest_bits = 0;
  for (const float value : values) {
    largest_bits =
        std::max(largest_bits, static_cast<std::int32_t>(float_bits(value) & 0x7fffffffu));
  }
  if (largest_bits == 0) return;
  const int exponent = std::ilogb(float_of_bits(static_cast<std::uint32_t>(largest_bits))) - 14;
  scale_ = std::ldexp(1.0, exponent);
  first_factor_ = std::ldexp(1.0f, -(exponent / 2));
  second_factor_ = std::ldexp(1.0f, -(exponent - exponent / 2));
}

double CodeScale::encode(std::span<const float> values, std::uint16_t* codes) const noexcept {
  const double lost_sq = with_code(type_, [&]<CodeType kCode>() -> double {
    if constexpr (CodeElement<kCode>::kExactCodes) {
      return 0;  // which are not scaled
    } else {
      return encode_row<kCode>(values, first_factor_, second_factor_, codes);
    }
  });
  return scale_ * std::sqrt(lost_sq);
}

}  // namespace kleio::cuda
