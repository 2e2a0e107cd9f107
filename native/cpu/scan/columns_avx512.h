// The registers of the canonical dots (cpu/scan/canonical_dots_body.h), AVX-512: eight rows.
// Included after the instruction set has been chosen.
#pragma once

#include <immintrin.h>

#include <cstddef>

#include "cpu/simd/target.h"

namespace kleio {
namespace {

struct Avx512Columns {
  static constexpr std::size_t kRows = 8;
  using Sums = __m512d;

  static KLEIO_INLINE Sums none() noexcept { return _mm512_setzero_pd(); }

  // Transposes 8 rows x 8 dimensions of float32 on the way.
  static KLEIO_INLINE Sums add_block(Sums sums, const float* const* row, std::size_t d,
                                     const double* target) noexcept {
    __m256 x[8];
    for (int i = 0; i < 8; ++i) x[i] = _mm256_loadu_ps(row[i] + d);
    __m256 y[8];
    for (int i = 0; i < 4; ++i) {
      y[2 * i] = _mm256_unpacklo_ps(x[2 * i], x[2 * i + 1]);
      y[2 * i + 1] = _mm256_unpackhi_ps(x[2 * i], x[2 * i + 1]);
    }
    __m256 z[8];
    for (int h = 0; h < 2; ++h) {
      z[4 * h + 0] = _mm256_shuffle_ps(y[4 * h], y[4 * h + 2], 0x44);
      z[4 * h + 1] = _mm256_shuffle_ps(y[4 * h], y[4 * h + 2], 0xee);
      z[4 * h + 2] = _mm256_shuffle_ps(y[4 * h + 1], y[4 * h + 3], 0x44);
      z[4 * h + 3] = _mm256_shuffle_ps(y[4 * h + 1], y[4 * h + 3], 0xee);
    }
    for (int half = 0; half < 2; ++half) {
      for (int i = 0; i < 4; ++i) {
        const __m256 column = half == 0 ? _mm256_permute2f128_ps(z[i], z[4 + i], 0x20)
                                        : _mm256_permute2f128_ps(z[i], z[4 + i], 0x31);
        const __m512d q = _mm512_set1_pd(target[d + static_cast<std::size_t>(4 * half + i)]);
        sums = _mm512_fmadd_pd(_mm512_maskz_cvtps_pd(0xff, column), q, sums);
      }
    }
    return sums;
  }

  static KLEIO_INLINE Sums add_one(Sums sums, const float* const* row, std::size_t d,
                                   const double* target) noexcept {
    const __m512d column =
        _mm512_setr_pd(static_cast<double>(row[0][d]), static_cast<double>(row[1][d]),
                       static_cast<double>(row[2][d]), static_cast<double>(row[3][d]),
                       static_cast<double>(row[4][d]), static_cast<double>(row[5][d]),
                       static_cast<double>(row[6][d]), static_cast<double>(row[7][d]));
    return _mm512_fmadd_pd(column, _mm512_set1_pd(target[d]), sums);
  }

  static KLEIO_INLINE void store(Sums sums, double* dots, std::size_t present) noexcept {
    _mm512_mask_storeu_pd(dots, static_cast<__mmask8>((1u << present) - 1), sums);
  }
};

}  // namespace
}  // namespace kleio
