// The registers of the scan (cpu/scan/scan_body.h), AVX2. Included after the instruction set has
// been chosen.
//
// Shapes    16 rows (2 registers) by 4 targets: 8 accumulators + 4 registers of widened row codes +
//           2 broadcasts of the 16 registers.
// Exactness VPMADDUBSW would saturate (255 * 127 * 2 > 32767), so row codes are split into even and
//           odd bytes as 16-bit values (one AND, one shift, shared by all targets) and VPMADDWD
//           multiplies them with 16-bit target pairs: exact in int32 for every input, -128
//           included.
// Cost      2 VPMADDWD + 2 VPADDD for 32 multiply-adds: 256 GOP/s a core at 4 GHz is the bound.
#pragma once

#include <immintrin.h>

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <span>

#include "cpu/scan/panel.h"
#include "cpu/simd/target.h"

namespace kleio {
namespace {

struct Avx2Registers {
  static constexpr int kTargets = 4;
  static constexpr std::size_t kRows = 16;
  static constexpr std::size_t kTargetGroupBytes = 2 * kGroupDims;  // (d0, d2), (d1, d3) as int16
  static constexpr std::size_t kManyHits = kPanelRows + 1;

  // Dots of 16 rows with one target.
  struct Sums {
    __m256i low, high;
  };

  // Codes of one dimension group of 16 rows: bytes 0 and 2, and bytes 1 and 3, as 16-bit values.
  struct Codes {
    __m256i even_low, odd_low, even_high, odd_high;
  };

  static KLEIO_INLINE Sums start(std::int32_t bias) noexcept {
    return {_mm256_set1_epi32(bias), _mm256_set1_epi32(bias)};
  }

  static KLEIO_INLINE Codes load(const std::uint8_t* codes) noexcept {
    const __m256i bytes = _mm256_set1_epi16(0x00ff);
    const __m256i low = _mm256_load_si256(reinterpret_cast<const __m256i*>(codes));
    const __m256i high = _mm256_load_si256(reinterpret_cast<const __m256i*>(codes + 32));
    return {_mm256_and_si256(low, bytes), _mm256_srli_epi16(low, 8), _mm256_and_si256(high, bytes),
            _mm256_srli_epi16(high, 8)};
  }

  // One broadcast after the other: Clang 14 spills a register where both come first.
  static KLEIO_INLINE void add(Sums& sums, const Codes& codes, const std::byte* target) noexcept {
    const __m256i even = broadcast_word(target);
    sums.low = _mm256_add_epi32(sums.low, _mm256_madd_epi16(codes.even_low, even));
    sums.high = _mm256_add_epi32(sums.high, _mm256_madd_epi16(codes.even_high, even));
    const __m256i odd = broadcast_word(target + 4);
    sums.low = _mm256_add_epi32(sums.low, _mm256_madd_epi16(codes.odd_low, odd));
    sums.high = _mm256_add_epi32(sums.high, _mm256_madd_epi16(codes.odd_high, odd));
  }

  static KLEIO_INLINE void store(const Sums& sums, std::int32_t* dots) noexcept {
    _mm256_store_si256(reinterpret_cast<__m256i*>(dots), sums.low);
    _mm256_store_si256(reinterpret_cast<__m256i*>(dots + 8), sums.high);
  }

  static KLEIO_INLINE std::uint64_t rows_reaching(const std::int32_t* dots, const float* scale,
                                                  float bound) noexcept {
    const __m256 threshold = _mm256_set1_ps(bound);
    std::uint64_t rows = 0;
#pragma GCC unroll 8
    for (std::size_t row = 0; row < kPanelRows; row += 8) {
      const __m256 reached =
          _mm256_cmp_ps(estimates_of(dots + row, scale + row), threshold, _CMP_GE_OQ);
      rows |= std::uint64_t(static_cast<std::uint32_t>(_mm256_movemask_ps(reached))) << row;
    }
    return rows;
  }

  static void pack_target(std::span<const std::int8_t> codes, std::byte* packed) noexcept {
    std::memset(packed, 0, groups_of(codes.size()) * kTargetGroupBytes);
    constexpr std::size_t kPlace[kGroupDims] = {0, 2, 1, 3};  // dimensions 0, 2, then 1, 3
    for (std::size_t d = 0; d < codes.size(); ++d) {
      const std::int16_t wide = codes[d];
      const std::size_t place = d / kGroupDims * kGroupDims + kPlace[d % kGroupDims];
      std::memcpy(packed + place * sizeof wide, &wide, sizeof wide);
    }
  }

 protected:
  static KLEIO_INLINE __m256i broadcast_word(const std::byte* word) noexcept {
    std::int32_t bits;
    std::memcpy(&bits, word, 4);
    return _mm256_set1_epi32(bits);
  }

 private:
  static KLEIO_INLINE __m256 estimates_of(const std::int32_t* dots, const float* scale) noexcept {
    const __m256i sums = _mm256_load_si256(reinterpret_cast<const __m256i*>(dots));
    return _mm256_mul_ps(_mm256_cvtepi32_ps(sums), _mm256_load_ps(scale));
  }
};

}  // namespace
}  // namespace kleio
