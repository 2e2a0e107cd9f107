// Sixteen float32 a register, AVX-512. Included after the instruction set has been chosen.
#pragma once

#include <immintrin.h>

#include <cstddef>

namespace kleio {
namespace {

struct Simd {
  static constexpr std::size_t kLanes = 16;
  static constexpr int kRows = 6;  // 24 accumulators of the 32 registers
  using Floats = __m512;

  static Floats all(float value) noexcept { return _mm512_set1_ps(value); }
  static Floats load(const float* from) noexcept { return _mm512_loadu_ps(from); }
  static void store(float* to, Floats x) noexcept { _mm512_storeu_ps(to, x); }
  static Floats add(Floats a, Floats b) noexcept { return _mm512_add_ps(a, b); }
  static Floats subtract(Floats a, Floats b) noexcept { return _mm512_sub_ps(a, b); }
  static Floats multiply(Floats a, Floats b) noexcept { return _mm512_mul_ps(a, b); }
  static Floats divide(Floats a, Floats b) noexcept { return _mm512_div_ps(a, b); }
  static Floats fused(Floats a, Floats b, Floats c) noexcept { return _mm512_fmadd_ps(a, b, c); }
  // Forms with a full mask where GCC 12's plain ones warn of a value of their own (gcc PR 105593).
  static Floats least(Floats a, Floats b) noexcept { return _mm512_maskz_min_ps(kAll, a, b); }
  static Floats greatest(Floats a, Floats b) noexcept { return _mm512_maskz_max_ps(kAll, a, b); }
  static Floats nearest_integer(Floats x) noexcept {
    return _mm512_maskz_roundscale_ps(kAll, x, _MM_FROUND_TO_NEAREST_INT | _MM_FROUND_NO_EXC);
  }
  static Floats power_of_two(Floats n) noexcept {
    const __m512i biased =
        _mm512_add_epi32(_mm512_maskz_cvtps_epi32(kAll, n), _mm512_set1_epi32(127));
    return _mm512_castsi512_ps(_mm512_maskz_slli_epi32(kAll, biased, 23));
  }
  static float sum(Floats x) noexcept {
    const __m512d bits = _mm512_castps_pd(x);
    const __m256 low = _mm256_castpd_ps(_mm512_maskz_extractf64x4_pd(0xf, bits, 0));
    const __m256 high = _mm256_castpd_ps(_mm512_maskz_extractf64x4_pd(0xf, bits, 1));
    const __m256 halves = _mm256_add_ps(low, high);
    const __m128 quarters =
        _mm_add_ps(_mm256_castps256_ps128(halves), _mm256_extractf128_ps(halves, 1));
    const __m128 pairs = _mm_add_ps(quarters, _mm_movehl_ps(quarters, quarters));
    return _mm_cvtss_f32(_mm_add_ss(pairs, _mm_movehdup_ps(pairs)));
  }

 private:
  static constexpr __mmask16 kAll = 0xffff;
};

}  // namespace
}  // namespace kleio
