// GSU scan of one panel, AVX2.
//
// Formula   as scan_scalar.cc; the dots are equal bit for bit, estimates round in the same places.
// Shapes    a panel of 64 rows, 16 of them (2 registers) at a time; targets four at a time:
//           8 accumulators + 4 registers of widened row codes + 2 broadcasts of the 16 registers.
// Exactness VPMADDUBSW would saturate (255 * 127 * 2 > 32767), so row codes are split into even and
//           odd bytes as 16-bit values (one AND, one shift, shared by all targets) and VPMADDWD
//           multiplies them with 16-bit target pairs: exact in int32 for every input, -128
//           included.
// NaN, ties a NaN scale fails the ordered comparison; equal to the threshold is kept.
// Cost      2 VPMADDWD + 2 VPADDD for 32 multiply-adds: 256 GOP/s a core at 4 GHz is the bound.
#if defined(__x86_64__)
#include <immintrin.h>

#include <cstring>

#include "cpu/scan/scan_kernels.h"

#pragma GCC push_options
#pragma GCC target("avx2,fma,bmi2,popcnt")

#include "cpu/scan/collect.h"

namespace kleio {
namespace {

#define KLEIO_INLINE __attribute__((always_inline)) inline

constexpr std::size_t kTargetsAtOnce = 4;
constexpr std::size_t kPackedGroupBytes = 2 * kGroupDims;  // (d0, d2), (d1, d3) as int16

struct alignas(32) GroupDots {
  std::int32_t of[kTargetsAtOnce][kPanelRows];
};

// Dots of 16 rows with one target.
struct Sums {
  __m256i low, high;
};

// Codes of one dimension group of 16 rows: bytes 0 and 2, and bytes 1 and 3, as 16-bit values.
struct Codes {
  __m256i even_low, odd_low, even_high, odd_high;
};

KLEIO_INLINE Sums start(std::int32_t bias) noexcept {
  return {_mm256_set1_epi32(bias), _mm256_set1_epi32(bias)};
}

KLEIO_INLINE Codes load_codes(const std::uint8_t* codes) noexcept {
  const __m256i bytes = _mm256_set1_epi16(0x00ff);
  const __m256i low = _mm256_load_si256(reinterpret_cast<const __m256i*>(codes));
  const __m256i high = _mm256_load_si256(reinterpret_cast<const __m256i*>(codes + 32));
  return {_mm256_and_si256(low, bytes), _mm256_srli_epi16(low, 8), _mm256_and_si256(high, bytes),
          _mm256_srli_epi16(high, 8)};
}

KLEIO_INLINE __m256i broadcast_pair(const std::byte* pair) noexcept {
  std::int32_t bits;
  std::memcpy(&bits, pair, 4);
  return _mm256_set1_epi32(bits);
}

KLEIO_INLINE void add_group(Sums& sums, const Codes& codes, const std::byte* target) noexcept {
  const __m256i even = broadcast_pair(target);
  const __m256i odd = broadcast_pair(target + 4);
  sums.low = _mm256_add_epi32(sums.low, _mm256_madd_epi16(codes.even_low, even));
  sums.high = _mm256_add_epi32(sums.high, _mm256_madd_epi16(codes.even_high, even));
  sums.low = _mm256_add_epi32(sums.low, _mm256_madd_epi16(codes.odd_low, odd));
  sums.high = _mm256_add_epi32(sums.high, _mm256_madd_epi16(codes.odd_high, odd));
}

KLEIO_INLINE void store(const Sums& sums, std::int32_t* dots) noexcept {
  _mm256_store_si256(reinterpret_cast<__m256i*>(dots), sums.low);
  _mm256_store_si256(reinterpret_cast<__m256i*>(dots + 8), sums.high);
}

// Dots of 16 rows from `row` on with kTargets targets from `first` on.
template <int kTargets>
KLEIO_INLINE void multiply(const Panel& panel, std::size_t row, const TargetTile& targets,
                           std::size_t first, GroupDots& dots) noexcept {
  const std::int32_t* bias = targets.bias + first;
  Sums sums0 = start(bias[0]);
  Sums sums1 = start(kTargets > 1 ? bias[1] : 0);
  Sums sums2 = start(kTargets > 2 ? bias[2] : 0);
  Sums sums3 = start(kTargets > 3 ? bias[3] : 0);
  const std::size_t stride = targets.stride_bytes;
  const std::byte* target = targets.codes + first * stride;
  const std::uint8_t* codes = panel.codes + row * kGroupDims;
  for (std::size_t group = 0; group < targets.groups; ++group) {
    const Codes rows = load_codes(codes);
    add_group(sums0, rows, target);
    if constexpr (kTargets > 1) add_group(sums1, rows, target + stride);
    if constexpr (kTargets > 2) add_group(sums2, rows, target + 2 * stride);
    if constexpr (kTargets > 3) add_group(sums3, rows, target + 3 * stride);
    codes += kGroupDims * kPanelRows;
    target += kPackedGroupBytes;
  }
  store(sums0, dots.of[0] + row);
  if constexpr (kTargets > 1) store(sums1, dots.of[1] + row);
  if constexpr (kTargets > 2) store(sums2, dots.of[2] + row);
  if constexpr (kTargets > 3) store(sums3, dots.of[3] + row);
}

KLEIO_INLINE __m256 estimates_of(const std::int32_t* dots, const float* scale) noexcept {
  const __m256i sums = _mm256_load_si256(reinterpret_cast<const __m256i*>(dots));
  return _mm256_mul_ps(_mm256_cvtepi32_ps(sums), _mm256_load_ps(scale));
}

// Rows whose estimates reach `bound`, bit r for row r.
KLEIO_INLINE std::uint64_t rows_reaching(const std::int32_t* dots, const float* scale,
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

template <int kTargets, bool kCertified>
void scan_group(const Panel& panel, const TargetTile& targets, CandidateTile& candidates,
                std::size_t first) {
  GroupDots dots;
  for (std::size_t row = 0; row < kPanelRows; row += 16) {
    multiply<kTargets>(panel, row, targets, first, dots);
  }
  for (std::size_t t = first; t < first + kTargets; ++t) {
    const float bound = panel_bound<kCertified>(panel, targets, candidates, t);
    const std::int32_t* of_target = dots.of[t - first];
    const std::uint64_t hits = rows_reaching(of_target, panel.scale, bound);
    if (__builtin_expect(hits == 0, 1)) continue;
    collect_rows<kCertified>(panel, targets, candidates, t, of_target, hits);
  }
}

void prefetch(const std::uint8_t* codes, std::size_t groups) noexcept {
  for (std::size_t byte = 0; byte < groups * kGroupDims * kPanelRows; byte += 64) {
    _mm_prefetch(codes + byte, _MM_HINT_T0);
  }
}

template <bool kCertified>
void scan(const Panel& panel, const TargetTile& targets, CandidateTile& candidates) {
  prefetch(panel.next_codes, targets.groups);
  std::size_t first = 0;
  for (; first + kTargetsAtOnce <= targets.count; first += kTargetsAtOnce) {
    scan_group<4, kCertified>(panel, targets, candidates, first);
  }
  switch (targets.count - first) {
    case 1:
      return scan_group<1, kCertified>(panel, targets, candidates, first);
    case 2:
      return scan_group<2, kCertified>(panel, targets, candidates, first);
    case 3:
      return scan_group<3, kCertified>(panel, targets, candidates, first);
    default:
      return;
  }
}

void pack_target(std::span<const std::int8_t> codes, std::byte* packed) noexcept {
  std::memset(packed, 0, groups_of(codes.size()) * kPackedGroupBytes);
  constexpr std::size_t kPlace[kGroupDims] = {0, 2, 1, 3};  // dimensions 0, 2, then 1, 3
  for (std::size_t d = 0; d < codes.size(); ++d) {
    const std::int16_t wide = codes[d];
    const std::size_t place = d / kGroupDims * kGroupDims + kPlace[d % kGroupDims];
    std::memcpy(packed + place * sizeof wide, &wide, sizeof wide);
  }
}

// Four rows at a time, one a 64-bit lane: each lane adds in ascending dimension, as the definition
// asks; a product of two float32 is exact in float64, so fusing changes no bit.
void canonical_dots(const double* target, const float* const* rows, std::size_t count,
                    std::size_t dim, double* dots) noexcept {
  for (std::size_t begin = 0; begin < count; begin += 4) {
    const std::size_t lanes = count - begin < 4 ? count - begin : 4;
    const float* row[4];
    for (std::size_t i = 0; i < 4; ++i) row[i] = rows[begin + (i < lanes ? i : 0)];
    __m256d sums = _mm256_setzero_pd();
    std::size_t d = 0;
    for (; d + 4 <= dim; d += 4) {
      __m128 a = _mm_loadu_ps(row[0] + d), b = _mm_loadu_ps(row[1] + d);
      __m128 c = _mm_loadu_ps(row[2] + d), e = _mm_loadu_ps(row[3] + d);
      _MM_TRANSPOSE4_PS(a, b, c, e);
      sums = _mm256_fmadd_pd(_mm256_cvtps_pd(a), _mm256_set1_pd(target[d]), sums);
      sums = _mm256_fmadd_pd(_mm256_cvtps_pd(b), _mm256_set1_pd(target[d + 1]), sums);
      sums = _mm256_fmadd_pd(_mm256_cvtps_pd(c), _mm256_set1_pd(target[d + 2]), sums);
      sums = _mm256_fmadd_pd(_mm256_cvtps_pd(e), _mm256_set1_pd(target[d + 3]), sums);
    }
    for (; d < dim; ++d) {
      const __m256d column =
          _mm256_setr_pd(static_cast<double>(row[0][d]), static_cast<double>(row[1][d]),
                         static_cast<double>(row[2][d]), static_cast<double>(row[3][d]));
      sums = _mm256_fmadd_pd(column, _mm256_set1_pd(target[d]), sums);
    }
    double lane[4];
    _mm256_storeu_pd(lane, sums);
    for (std::size_t i = 0; i < lanes; ++i) dots[begin + i] = lane[i];
  }
}

#undef KLEIO_INLINE

}  // namespace

const CpuKernels kAvx2Kernels = {
    .isa = Isa::kAvx2,
    .target_group_bytes = kPackedGroupBytes,
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
