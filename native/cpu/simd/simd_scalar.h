// One float32 a register: the reference that the vector forms follow operation by operation.
#pragma once

#include <cmath>
#include <cstddef>
#include <cstdint>
#include <cstring>

namespace kleio {
namespace {

struct Simd {
  static constexpr std::size_t kLanes = 1;
  static constexpr int kRows = 2;  // rows of a matrix product at once
  using Floats = float;

  static Floats all(float value) noexcept { return value; }
  static Floats load(const float* from) noexcept { return *from; }
  static void store(float* to, Floats x) noexcept { *to = x; }
  static Floats add(Floats a, Floats b) noexcept { return a + b; }
  static Floats subtract(Floats a, Floats b) noexcept { return a - b; }
  static Floats multiply(Floats a, Floats b) noexcept { return a * b; }
  static Floats divide(Floats a, Floats b) noexcept { return a / b; }
  // a * b + c with one rounding.
  static Floats fused(Floats a, Floats b, Floats c) noexcept { return std::fma(a, b, c); }
  static Floats least(Floats a, Floats b) noexcept { return b < a ? b : a; }
  static Floats greatest(Floats a, Floats b) noexcept { return a < b ? b : a; }
  static Floats nearest_integer(Floats x) noexcept { return std::nearbyint(x); }
  // 2^n for integral n within [-126, 127].
  static Floats power_of_two(Floats n) noexcept {
    const auto bits = static_cast<std::uint32_t>(static_cast<std::int32_t>(n) + 127) << 23;
    float power;
    std::memcpy(&power, &bits, sizeof power);
    return power;
  }
  static float sum(Floats x) noexcept { return x; }
};

}  // namespace
}  // namespace kleio
