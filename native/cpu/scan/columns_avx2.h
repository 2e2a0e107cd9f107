// The registers of the canonical dots (cpu/scan/canonical_dots_body.h), AVX2 and FMA: four rows.
// Included after the instruction set has been chosen.
#pragma once

#include <immintrin.h>

#include <cstddef>

#include "cpu/simd/target.h"

namespace kleio {
namespace {

struct Avx2Columns {
  static constexpr std::size_t kRows = 4;
  using Sums = __m256d;

  static KLEIO_INLINE Sums none() noexcept { return _mm256_setzero_pd(); }

  static KLEIO_INLINE Sums add_block(Sums sums, const float* const* row, std::size_t d,
                                     const double* target) noexcept {
    __m128 a = _mm_loadu_ps(row[0] + d), b = _mm_loadu_ps(row[1] + d);
    __m128 c = _mm_loadu_ps(row[2] + d), e = _mm_loadu_ps(row[3] + d);
    _MM_TRANSPOSE4_PS(a, b, c, e);
    sums = _mm256_fmadd_pd(_mm256_cvtps_pd(a), _mm256_set1_pd(target[d]), sums);
    sums = _mm256_fmadd_pd(_mm256_cvtps_pd(b), _mm256_set1_pd(target[d + 1]), sums);
    sums = _mm256_fmadd_pd(_mm256_cvtps_pd(c), _mm256_set1_pd(target[d + 2]), sums);
    return _mm256_fmadd_pd(_mm256_cvtps_pd(e), _mm256_set1_pd(target[d + 3]), sums);
  }

  static KLEIO_INLINE Sums add_one(Sums sums, const float* const* row, std::size_t d,
                                   const double* target) noexcept {
    const __m256d column =
        _mm256_setr_pd(static_cast<double>(row[0][d]), static_cast<double>(row[1][d]),
                       static_cast<double>(row[2][d]), static_cast<double>(row[3][d]));
    return _mm256_fmadd_pd(column, _mm256_set1_pd(target[d]), sums);
  }

  static KLEIO_INLINE void store(Sums sums, double* dots, std::size_t present) noexcept {
    double lane[kRows];
    _mm256_storeu_pd(lane, sums);
    for (std::size_t i = 0; i < present; ++i) dots[i] = lane[i];
  }
};

}  // namespace
}  // namespace kleio
