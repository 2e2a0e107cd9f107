// GSU scan of one panel, AVX-512 with VNNI.
//
// Formula   as scan_scalar.cc; the dots are equal bit for bit, estimates round in the same places.
// Shapes    a panel of 64 rows = 4 registers of 16 rows a dimension group; targets six at a time:
//           24 accumulators + 4 row registers + 1 broadcast of the 32 registers.
// Exactness VPDPBUSD: unsigned row codes (+128) times signed target codes, int32, no saturation;
// each
//           accumulator starts at -128 * sum(target).
// NaN, ties a NaN scale fails the ordered comparison; equal to the threshold is kept.
// Cost      2 VPDPBUSD a cycle: groups * 2 cycles a target and panel, plus about 16 for conversion,
//           scaling and comparison, which overlap the next target group's dots.
// Why asm   GCC 12 keeps accumulators of the intrinsic's loop on the stack (390 GOP/s a core
// against
//           960 for this form, of 1030 possible; AMD Zen 5). One-instruction asm statements on
//           named values leave it no reason to. The build's disassembly check fails if spills come
//           back.
#if defined(__x86_64__)
#include <immintrin.h>

#include <cstring>

#include "cpu/scan/scan_kernels.h"

#pragma GCC push_options
#pragma GCC target("avx512f,avx512bw,avx512dq,avx512vl,avx512vnni,fma,bmi2,popcnt")

#include "cpu/scan/collect.h"

namespace kleio {
namespace {

#define KLEIO_INLINE __attribute__((always_inline)) inline

// Conversions name their lanes because GCC 12's unmasked forms warn of a value of their own making
// (gcc PR 105593); a full mask costs nothing.
constexpr __mmask16 kAllLanes = 0xffff;

KLEIO_INLINE void add_dots(__m512i& sums, __m512i row_codes, __m512i target_codes) noexcept {
  asm("vpdpbusd %2, %1, %0" : "+v"(sums) : "v"(row_codes), "v"(target_codes));
}

KLEIO_INLINE __m512i broadcast_group(const std::byte* target) noexcept {
  __m512i group;
  asm("vpbroadcastd %1, %0" : "=v"(group) : "m"(*reinterpret_cast<const std::int32_t*>(target)));
  return group;
}

// Values of the panel's 64 rows, 16 a register.
struct Rows {
  __m512i a, b, c, d;
};

KLEIO_INLINE Rows same_in_all(std::int32_t value) noexcept {
  const __m512i x = _mm512_set1_epi32(value);
  return {x, x, x, x};
}

KLEIO_INLINE Rows load_group(const std::uint8_t* codes) noexcept {
  return {_mm512_load_si512(codes), _mm512_load_si512(codes + 64), _mm512_load_si512(codes + 128),
          _mm512_load_si512(codes + 192)};
}

KLEIO_INLINE void add_group(Rows& sums, const Rows& codes, const std::byte* target) noexcept {
  const __m512i group = broadcast_group(target);
  add_dots(sums.a, codes.a, group);
  add_dots(sums.b, codes.b, group);
  add_dots(sums.c, codes.c, group);
  add_dots(sums.d, codes.d, group);
}

KLEIO_INLINE __m512 estimate(__m512i dots, const float* scale) noexcept {
  return _mm512_mul_ps(_mm512_maskz_cvtepi32_ps(kAllLanes, dots), _mm512_load_ps(scale));
}

KLEIO_INLINE __mmask16 reaching(const std::int32_t* dots, const float* scale,
                                __m512 threshold) noexcept {
  return _mm512_cmp_ps_mask(estimate(_mm512_load_si512(dots), scale), threshold, _CMP_GE_OQ);
}

KLEIO_INLINE __m512i rank_of(__m512 values) noexcept {
  const __m512i bits = _mm512_castps_si512(values);
  const __m512i flip =
      _mm512_and_si512(_mm512_maskz_srai_epi32(kAllLanes, bits, 31), _mm512_set1_epi32(0x7fffffff));
  return _mm512_xor_si512(bits, flip);
}

// Appends the lanes in `hits`; a store may write up to 16 places, of which only the hits count.
KLEIO_INLINE std::uint32_t append(const CandidateList& list, std::uint32_t count, __mmask16 hits,
                                  __m512i rank, __m512i extra, std::uint32_t first_slot) noexcept {
  const __m512i lanes = _mm512_setr_epi32(0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15);
  const __m512i slots = _mm512_add_epi32(_mm512_set1_epi32(static_cast<int>(first_slot)), lanes);
  _mm512_storeu_si512(list.rank + count, _mm512_maskz_compress_epi32(hits, rank));
  _mm512_storeu_si512(list.extra + count, _mm512_maskz_compress_epi32(hits, extra));
  _mm512_storeu_si512(list.slot + count, _mm512_maskz_compress_epi32(hits, slots));
  return count + static_cast<std::uint32_t>(__builtin_popcount(hits));
}

// 16 rows of an exact panel that reached the threshold.
KLEIO_INLINE std::uint32_t append_exact(const Panel& panel, std::size_t row,
                                        const CandidateList& list, std::uint32_t count,
                                        __m512i dots, __m512 threshold) noexcept {
  const __m512 estimates = estimate(dots, panel.scale + row);
  const __mmask16 hits = _mm512_cmp_ps_mask(estimates, threshold, _CMP_GE_OQ);
  if (hits == 0) return count;
  return append(list, count, hits, rank_of(estimates), dots,
                panel.first_slot + static_cast<std::uint32_t>(row));
}

// 16 rows of a certified panel that came near the threshold: judged by each row's own error.
KLEIO_INLINE std::uint32_t append_certified(const Panel& panel, std::size_t row,
                                            const CandidateList& list, std::uint32_t count,
                                            __m512i dots, __m512 threshold, float slack,
                                            float margin) noexcept {
  const __m512 estimates = estimate(dots, panel.scale + row);
  const __m512 error =
      _mm512_add_ps(_mm512_mul_ps(_mm512_load_ps(panel.residual + row), _mm512_set1_ps(slack)),
                    _mm512_mul_ps(_mm512_load_ps(panel.weight + row), _mm512_set1_ps(margin)));
  const __m512 highest = _mm512_add_ps(estimates, error);
  const __mmask16 hits = _mm512_cmp_ps_mask(highest, threshold, _CMP_GE_OQ);
  if (hits == 0) return count;
  return append(list, count, hits, rank_of(_mm512_sub_ps(estimates, error)), rank_of(highest),
                panel.first_slot + static_cast<std::uint32_t>(row));
}

// The dots of up to six targets with a panel's rows.
struct alignas(64) GroupDots {
  std::int32_t of[6][kPanelRows];
};

KLEIO_INLINE void store(const Rows& sums, std::int32_t* dots) noexcept {
  _mm512_store_si512(dots, sums.a);
  _mm512_store_si512(dots + 16, sums.b);
  _mm512_store_si512(dots + 32, sums.c);
  _mm512_store_si512(dots + 48, sums.d);
}

// Many hits at once (a scan's first panels): 16 rows at a time.
template <bool kCertified>
void collect_panel(const Panel& panel, const TargetTile& targets, CandidateTile& candidates,
                   std::size_t t, const std::int32_t* dots) {
  const CandidateList list = candidates.list(t);
  const __m512 threshold = _mm512_set1_ps(candidates.thresholds[t]);
  std::uint32_t count = candidates.counts[t];
  for (std::size_t row = 0; row < kPanelRows; row += 16) {
    const __m512i part = _mm512_load_si512(dots + row);
    if constexpr (kCertified) {
      count = append_certified(panel, row, list, count, part, threshold, targets.slack[t],
                               targets.margin[t]);
    } else {
      count = append_exact(panel, row, list, count, part, threshold);
    }
  }
  close_list<kCertified>(candidates, t, count);
}

// Rows of a panel that reached the panel bound of each target of a group, bit r for row r.
struct GroupHits {
  std::uint64_t of[6];
};

// Off the hot path: at least one row reached at least one of the group's targets.
template <int kTargets, bool kCertified>
__attribute__((noinline)) void take_hits(const Panel& panel, const TargetTile& targets,
                                         CandidateTile& candidates, std::size_t first,
                                         const GroupDots& dots, const GroupHits& hits) {
  constexpr int kManyHits = 12;
  // Mostly one target was reached: a loop over set bits ends as predicted.
  std::uint32_t reached = 0;
  for (std::size_t t = 0; t < kTargets; ++t) reached |= std::uint32_t{hits.of[t] != 0} << t;
  for (; reached != 0; reached &= reached - 1) {
    const auto t = static_cast<std::size_t>(__builtin_ctz(reached));
    if (__builtin_popcountll(hits.of[t]) >= kManyHits) {
      collect_panel<kCertified>(panel, targets, candidates, first + t, dots.of[t]);
    } else {
      collect_rows<kCertified>(panel, targets, candidates, first + t, dots.of[t], hits.of[t]);
    }
  }
}

KLEIO_INLINE std::uint64_t rows_reaching(const std::int32_t* dots, const float* scale,
                                         float bound) noexcept {
  const __m512 threshold = _mm512_set1_ps(bound);
  const __mmask32 low =
      _mm512_kunpackw(reaching(dots + 16, scale + 16, threshold), reaching(dots, scale, threshold));
  const __mmask32 high = _mm512_kunpackw(reaching(dots + 48, scale + 48, threshold),
                                         reaching(dots + 32, scale + 32, threshold));
  return _cvtmask64_u64(_mm512_kunpackd(high, low));
}

// Dots of kTargets targets from `first` on. Accumulators are named, not an array: see "Why asm".
template <int kTargets, bool kPrefetch>
KLEIO_INLINE void multiply(const Panel& panel, const TargetTile& targets, std::size_t first,
                           GroupDots& dots) noexcept {
  const std::int32_t* bias = targets.bias + first;
  Rows sums0 = same_in_all(bias[0]);
  Rows sums1 = same_in_all(kTargets > 1 ? bias[1] : 0);
  Rows sums2 = same_in_all(kTargets > 2 ? bias[2] : 0);
  Rows sums3 = same_in_all(kTargets > 3 ? bias[3] : 0);
  Rows sums4 = same_in_all(kTargets > 4 ? bias[4] : 0);
  Rows sums5 = same_in_all(kTargets > 5 ? bias[5] : 0);
  const std::size_t stride = targets.stride_bytes;
  const std::byte* low = targets.codes + first * stride;
  const std::byte* high = low + 3 * stride;
  const std::uint8_t* codes = panel.codes;
  const std::uint8_t* next = panel.next_codes;
  for (std::size_t group = 0; group < targets.groups; ++group) {
    if constexpr (kPrefetch) {
      for (int line = 0; line < 4; ++line) _mm_prefetch(next + line * 64, _MM_HINT_T0);
      next += 4 * 64;
    }
    const Rows rows = load_group(codes);
    add_group(sums0, rows, low);
    if constexpr (kTargets > 1) add_group(sums1, rows, low + stride);
    if constexpr (kTargets > 2) add_group(sums2, rows, low + 2 * stride);
    if constexpr (kTargets > 3) add_group(sums3, rows, high);
    if constexpr (kTargets > 4) add_group(sums4, rows, high + stride);
    if constexpr (kTargets > 5) add_group(sums5, rows, high + 2 * stride);
    codes += kGroupDims * kPanelRows;
    low += kGroupDims;
    high += kGroupDims;
  }
  store(sums0, dots.of[0]);
  if constexpr (kTargets > 1) store(sums1, dots.of[1]);
  if constexpr (kTargets > 2) store(sums2, dots.of[2]);
  if constexpr (kTargets > 3) store(sums3, dots.of[3]);
  if constexpr (kTargets > 4) store(sums4, dots.of[4]);
  if constexpr (kTargets > 5) store(sums5, dots.of[5]);
}

template <int kTargets, bool kCertified, bool kPrefetch>
KLEIO_INLINE void scan_group(const Panel& panel, const TargetTile& targets,
                             CandidateTile& candidates, std::size_t first) {
  GroupDots dots;
  multiply<kTargets, kPrefetch>(panel, targets, first, dots);
  GroupHits hits;
  std::uint64_t any = 0;
#pragma GCC unroll 6
  for (std::size_t t = 0; t < kTargets; ++t) {
    const float bound = panel_bound<kCertified>(panel, targets, candidates, first + t);
    hits.of[t] = rows_reaching(dots.of[t], panel.scale, bound);
    any |= hits.of[t];
  }
  if (__builtin_expect(any != 0, 0)) {
    take_hits<kTargets, kCertified>(panel, targets, candidates, first, dots, hits);
  }
}

template <bool kCertified, bool kPrefetch>
void scan_rest(const Panel& panel, const TargetTile& targets, CandidateTile& candidates,
               std::size_t first) {
  switch (targets.count - first) {
    case 1:
      return scan_group<1, kCertified, kPrefetch>(panel, targets, candidates, first);
    case 2:
      return scan_group<2, kCertified, kPrefetch>(panel, targets, candidates, first);
    case 3:
      return scan_group<3, kCertified, kPrefetch>(panel, targets, candidates, first);
    case 4:
      return scan_group<4, kCertified, kPrefetch>(panel, targets, candidates, first);
    case 5:
      return scan_group<5, kCertified, kPrefetch>(panel, targets, candidates, first);
    default:
      return;
  }
}

template <bool kCertified>
void scan(const Panel& panel, const TargetTile& targets, CandidateTile& candidates) {
  // The first group of targets brings the next panel to L1 while it multiplies.
  if (targets.count < 6) {
    scan_rest<kCertified, true>(panel, targets, candidates, 0);
    return;
  }
  scan_group<6, kCertified, true>(panel, targets, candidates, 0);
  std::size_t first = 6;
  for (; first + 6 <= targets.count; first += 6) {
    scan_group<6, kCertified, false>(panel, targets, candidates, first);
  }
  scan_rest<kCertified, false>(panel, targets, candidates, first);
}

void pack_target(std::span<const std::int8_t> codes, std::byte* packed) noexcept {
  std::memset(packed, 0, groups_of(codes.size()) * kGroupDims);
  std::memcpy(packed, codes.data(), codes.size());
}

// Eight rows at a time, one a 64-bit lane: each lane adds in ascending dimension, as the definition
// asks; a product of two float32 is exact in float64, so fusing changes no bit.
void canonical_dots(const double* target, const float* const* rows, std::size_t count,
                    std::size_t dim, double* dots) noexcept {
  for (std::size_t begin = 0; begin < count; begin += 8) {
    const std::size_t lanes = count - begin < 8 ? count - begin : 8;
    const float* row[8];
    for (std::size_t i = 0; i < 8; ++i) row[i] = rows[begin + (i < lanes ? i : 0)];
    __m512d sums = _mm512_setzero_pd();
    std::size_t d = 0;
    for (; d + 8 <= dim; d += 8) {
      // Transpose 8 rows x 8 dimensions of float32.
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
    }
    for (; d < dim; ++d) {
      const __m512d column = _mm512_setr_pd(row[0][d], row[1][d], row[2][d], row[3][d], row[4][d],
                                            row[5][d], row[6][d], row[7][d]);
      sums = _mm512_fmadd_pd(column, _mm512_set1_pd(target[d]), sums);
    }
    _mm512_mask_storeu_pd(dots + begin, static_cast<__mmask8>((1u << lanes) - 1), sums);
  }
}

#undef KLEIO_INLINE

}  // namespace

const CpuKernels kAvx512Kernels = {
    .isa = Isa::kAvx512,
    .target_group_bytes = kGroupDims,
    .pack_target = pack_target,
    .scan_exact = scan<false>,
    .scan_certified = scan<true>,
    .compact_exact = compact_exact,
    .compact_certified = compact_certified,
    .canonical_dots = canonical_dots,
};

}  // namespace kleio

#pragma GCC pop_options
#endif
