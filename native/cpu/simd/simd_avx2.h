// Eight float32 a register, AVX2 and FMA. Included after the instruction set has been chosen.
#pragma once

#include <immintrin.h>

#include <cstddef>

namespace kleio {
namespace {

struct Simd {
  static constexpr std::size_t kLanes = 8;
  static constexpr int kRows = 3;  // 12 accumulators of the 16 registers
  using Floats = __m256;

  static Floats all(float value) noexcept { return _mm256_set1_ps(value); }
  static Floats load(const float* from) noexcept { return _mm256_loadu_ps(from); }
  static void store(float* to, Floats x) noexcept { _mm256_storeu_ps(to, x); }
  static Floats add(Floats a, Floats b) noexcept { return _mm256_add_ps(a, b); }
  static Floats subtract(Floats a, Floats b) noexcept { return _mm256_sub_ps(a, b); }
  static Floats multiply(Floats a, Floats b) noexcept { return _mm256_mul_ps(a, b); }
  static Floats divide(Floats a, Floats b) noexcept { return _mm256_div_ps(a, b); }
  static Floats fused(Floats a, Floats b, Floats c) noexcept { return _mm256_fmadd_ps(a, b, c); }
  static Floats least(Floats a, Floats b) noexcept { return _mm256_min_ps(a, b); }
  static Floats greatest(Floats a, Floats b) noexcept { return _mm256_max_ps(a, b); }
  static Floats nearest_integer(Floats x) noexcept {
    return _mm256_round_ps(x, _MM_FROUND_TO_NEAREST_INT | _MM_FROUND_NO_EXC);
  }
  static Floats power_of_two(Floats n) noexcept {
    const __m256i biased = _mm256_add_epi32(_mm256_cvtps_epi32(n), _mm256_set1_epi32(127));
    return _mm256_castsi256_ps(_mm256_slli_epi32(biased, 23));
  }
  static float sum(Floats x) noexcept {
    const __m128 halves = _mm_add_ps(_mm256_castps256_ps128(x), _mm256_extractf128_ps(x, 1));
    const __m128 pairs = _mm_add_ps(halves, _mm_movehl_ps(halves, halves));
    return _mm_cvtss_f32(_mm_add_ss(pairs, _mm_movehdup_ps(pairs)));
  }
};

}  // namespace
}  // namespace kleio
