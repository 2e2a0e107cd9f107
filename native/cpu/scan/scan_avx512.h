// The registers of the scan (cpu/scan/scan_body.h), AVX-512 with VNNI. Included after the
// instruction set has been chosen.
//
// Shapes    64 rows (4 registers) by 6 targets: 24 accumulators + 4 row registers + 1 broadcast of
//           the 32 registers.
// Exactness VPDPBUSD: unsigned row codes (+128) times signed target codes, int32, no saturation;
//           each accumulator starts at -128 * sum(target).
// Cost      2 VPDPBUSD a cycle: groups * 2 cycles a target and panel, plus about 16 for conversion,
//           scaling and comparison, which overlap the next target group's dots.
// Why asm   GCC 12 keeps accumulators of the intrinsic's loop on the stack (390 GOP/s a core
//           against 960 for this form, of 1030 possible; AMD Zen 5). One-instruction asm statements
//           on named values leave it no reason to. The build's disassembly check fails if spills
//           come back.
#pragma once

#include <immintrin.h>

#include <cstddef>
#include <cstdint>
#include <span>

#include "cpu/scan/candidates.h"
#include "cpu/scan/pack_target.h"
#include "cpu/scan/panel.h"
#include "cpu/simd/target.h"

namespace kleio {
namespace {

struct Avx512Registers {
  static constexpr int kTargets = 6;
  static constexpr std::size_t kRows = kPanelRows;
  static constexpr std::size_t kTargetGroupBytes = kGroupDims;
  static constexpr std::size_t kManyHits = 12;
  static constexpr std::size_t kAppendRows = 16;

  // Values of the panel's 64 rows, 16 a register.
  struct Rows {
    __m512i a, b, c, d;
  };
  using Sums = Rows;
  using Codes = Rows;

  static KLEIO_INLINE Sums start(std::int32_t bias) noexcept {
    const __m512i x = _mm512_set1_epi32(bias);
    return {x, x, x, x};
  }

  static KLEIO_INLINE Codes load(const std::uint8_t* codes) noexcept {
    return {_mm512_load_si512(codes), _mm512_load_si512(codes + 64), _mm512_load_si512(codes + 128),
            _mm512_load_si512(codes + 192)};
  }

  static KLEIO_INLINE void add(Sums& sums, const Codes& codes, const std::byte* target) noexcept {
    const __m512i group = broadcast_group(target);
    add_dots(sums.a, codes.a, group);
    add_dots(sums.b, codes.b, group);
    add_dots(sums.c, codes.c, group);
    add_dots(sums.d, codes.d, group);
  }

  static KLEIO_INLINE void store(const Sums& sums, std::int32_t* dots) noexcept {
    _mm512_store_si512(dots, sums.a);
    _mm512_store_si512(dots + 16, sums.b);
    _mm512_store_si512(dots + 32, sums.c);
    _mm512_store_si512(dots + 48, sums.d);
  }

  static KLEIO_INLINE std::uint64_t rows_reaching(const std::int32_t* dots, const float* scale,
                                                  float bound) noexcept {
    const __m512 threshold = _mm512_set1_ps(bound);
    const __mmask32 low = _mm512_kunpackw(reaching(dots + 16, scale + 16, threshold),
                                          reaching(dots, scale, threshold));
    const __mmask32 high = _mm512_kunpackw(reaching(dots + 48, scale + 48, threshold),
                                           reaching(dots + 32, scale + 32, threshold));
    return _cvtmask64_u64(_mm512_kunpackd(high, low));
  }

  // 16 rows of an exact panel that reached the threshold.
  static KLEIO_INLINE std::uint32_t append_exact(const Panel& panel, std::size_t row,
                                                 const CandidateList& list, std::uint32_t count,
                                                 const std::int32_t* dots,
                                                 float threshold) noexcept {
    const __m512i sums = _mm512_load_si512(dots);
    const __m512 estimates = estimate(sums, panel.scale + row);
    const __mmask16 hits = _mm512_cmp_ps_mask(estimates, _mm512_set1_ps(threshold), _CMP_GE_OQ);
    if (hits == 0) return count;
    return append(list, count, hits, ranks_of(estimates), sums,
                  panel.first_slot + static_cast<std::uint32_t>(row));
  }

  // 16 rows of a certified panel that came near the threshold: judged by each row's own error.
  static KLEIO_INLINE std::uint32_t append_certified(const Panel& panel, std::size_t row,
                                                     const CandidateList& list, std::uint32_t count,
                                                     const std::int32_t* dots, float threshold,
                                                     float slack, float margin) noexcept {
    const __m512 estimates = estimate(_mm512_load_si512(dots), panel.scale + row);
    const __m512 error =
        _mm512_add_ps(_mm512_mul_ps(_mm512_load_ps(panel.residual + row), _mm512_set1_ps(slack)),
                      _mm512_mul_ps(_mm512_load_ps(panel.weight + row), _mm512_set1_ps(margin)));
    const __m512 highest = _mm512_add_ps(estimates, error);
    const __mmask16 hits = _mm512_cmp_ps_mask(highest, _mm512_set1_ps(threshold), _CMP_GE_OQ);
    if (hits == 0) return count;
    return append(list, count, hits, ranks_of(_mm512_sub_ps(estimates, error)), ranks_of(highest),
                  panel.first_slot + static_cast<std::uint32_t>(row));
  }

  static void pack_target(std::span<const std::int8_t> codes, std::byte* packed) noexcept {
    pack_bytes(codes, packed);
  }

 private:
  // Conversions name their lanes because GCC 12's unmasked forms warn of a value of their own
  // making (gcc PR 105593); a full mask costs nothing.
  static constexpr __mmask16 kAllLanes = 0xffff;

  static KLEIO_INLINE void add_dots(__m512i& sums, __m512i row_codes,
                                    __m512i target_codes) noexcept {
    asm("vpdpbusd %2, %1, %0" : "+v"(sums) : "v"(row_codes), "v"(target_codes));
  }

  static KLEIO_INLINE __m512i broadcast_group(const std::byte* target) noexcept {
    __m512i group;
    asm("vpbroadcastd %1, %0" : "=v"(group) : "m"(*reinterpret_cast<const std::int32_t*>(target)));
    return group;
  }

  static KLEIO_INLINE __m512 estimate(__m512i dots, const float* scale) noexcept {
    return _mm512_mul_ps(_mm512_maskz_cvtepi32_ps(kAllLanes, dots), _mm512_load_ps(scale));
  }

  static KLEIO_INLINE __mmask16 reaching(const std::int32_t* dots, const float* scale,
                                         __m512 threshold) noexcept {
    return _mm512_cmp_ps_mask(estimate(_mm512_load_si512(dots), scale), threshold, _CMP_GE_OQ);
  }

  static KLEIO_INLINE __m512i ranks_of(__m512 values) noexcept {
    const __m512i bits = _mm512_castps_si512(values);
    const __m512i flip = _mm512_and_si512(_mm512_maskz_srai_epi32(kAllLanes, bits, 31),
                                          _mm512_set1_epi32(0x7fffffff));
    return _mm512_xor_si512(bits, flip);
  }

  // Appends the lanes in `hits`; a store may write up to 16 places, of which only the hits count.
  static KLEIO_INLINE std::uint32_t append(const CandidateList& list, std::uint32_t count,
                                           __mmask16 hits, __m512i rank, __m512i extra,
                                           std::uint32_t first_slot) noexcept {
    const __m512i lanes = _mm512_setr_epi32(0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15);
    const __m512i slots = _mm512_add_epi32(_mm512_set1_epi32(static_cast<int>(first_slot)), lanes);
    _mm512_storeu_si512(list.rank + count, _mm512_maskz_compress_epi32(hits, rank));
    _mm512_storeu_si512(list.extra + count, _mm512_maskz_compress_epi32(hits, extra));
    _mm512_storeu_si512(list.slot + count, _mm512_maskz_compress_epi32(hits, slots));
    return count + static_cast<std::uint32_t>(__builtin_popcount(hits));
  }
};

}  // namespace
}  // namespace kleio
