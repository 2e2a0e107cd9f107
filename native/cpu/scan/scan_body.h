// GSU scan of one panel, written once over a level's registers. Included by a level's file after it
// has chosen its instruction set and its scan_*.h: everything is in an unnamed namespace.
//
// Formula   as scan_scalar.h; the dots are equal bit for bit, estimates round in the same places.
// Shapes    a panel of 64 rows, Registers::kRows of them at a time; targets Registers::kTargets at
//           a time, as many as have all their accumulators in registers. The first group of targets
//           brings the next panel to L1 while it multiplies.
// NaN, ties a NaN scale fails the ordered comparison; equal to the threshold is kept.
// Cost      the level's multiply-adds, and of each target a conversion, a scaling and a comparison
//           a row from a buffer in L1; one rarely taken branch a group of targets.
//
// `Registers` has, beside the sizes above:
//   kTargetGroupBytes, pack_target  a target's form, as CpuKernels has them
//   Codes load(codes)               one dimension group of kRows rows
//   Sums start(bias)                the dots of kRows rows with one target
//   add(sums, codes, target)        adds the products with one dimension group of a target
//   store(sums, dots)
//   rows_reaching(dots, scale, bound)  bit r: the estimate of row r of the panel reaches the bound
//   kManyHits                       from so many rows on append_exact, append_certified take the
//                                   panel's rows kAppendRows at a time; more than 64: it has
//                                   neither
#pragma once

#include <cassert>
#include <cstddef>
#include <cstdint>

#include "cpu/scan/candidates.h"
#include "cpu/scan/collect.h"
#include "cpu/scan/panel.h"
#include "cpu/scan/scan_kernels.h"
#include "cpu/simd/target.h"

namespace kleio {
namespace {

// The accumulators of kTargets targets. Named members, nested: GCC 12 keeps arrays of vectors on
// the stack.
template <typename Registers, int kTargets>
struct TargetSums {
  TargetSums<Registers, kTargets - 1> before;
  typename Registers::Sums last;
};
template <typename Registers>
struct TargetSums<Registers, 0> {};

// The dots of a group of targets with a panel's rows, and the rows of the panel that reached the
// panel bound of each target, bit r for row r.
template <typename Registers>
struct alignas(64) GroupDots {
  std::int32_t of[Registers::kTargets][kPanelRows];
};
template <typename Registers>
struct GroupHits {
  std::uint64_t of[Registers::kTargets];
};

template <typename Registers, int kTargets>
KLEIO_INLINE void start_sums(TargetSums<Registers, kTargets>& sums,
                             const std::int32_t* bias) noexcept {
  if constexpr (kTargets > 0) {
    start_sums(sums.before, bias);
    sums.last = Registers::start(bias[kTargets - 1]);
  }
}

template <typename Registers, int kTargets>
KLEIO_INLINE void add_products(TargetSums<Registers, kTargets>& sums,
                               const typename Registers::Codes& codes, const std::byte* target,
                               std::size_t stride) noexcept {
  if constexpr (kTargets > 0) {
    add_products(sums.before, codes, target, stride);
    Registers::add(sums.last, codes, target + (kTargets - 1) * stride);
  }
}

template <typename Registers, int kTargets>
KLEIO_INLINE void store_sums(const TargetSums<Registers, kTargets>& sums, std::size_t row,
                             GroupDots<Registers>& dots) noexcept {
  if constexpr (kTargets > 0) {
    store_sums(sums.before, row, dots);
    Registers::store(sums.last, dots.of[kTargets - 1] + row);
  }
}

// Dots of Registers::kRows rows from `row` on with kTargets targets from `first` on.
template <typename Registers, int kTargets, bool kPrefetch>
KLEIO_INLINE void multiply_rows(const Panel& panel, std::size_t row, const TargetTile& targets,
                                std::size_t first, GroupDots<Registers>& dots) noexcept {
  constexpr std::size_t kGroupBytes = kGroupDims * kPanelRows;
  constexpr std::size_t kRowBytes = kGroupDims * Registers::kRows;
  TargetSums<Registers, kTargets> sums;
  start_sums(sums, targets.bias + first);
  const std::size_t stride = targets.stride_bytes;
  const std::byte* target = targets.codes + first * stride;
  const std::byte* const end = target + targets.groups * Registers::kTargetGroupBytes;
  const std::uint8_t* codes = panel.codes + row * kGroupDims;
  const std::uint8_t* next = kPrefetch ? panel.next_codes + row * kGroupDims : nullptr;
  for (; target != end; target += Registers::kTargetGroupBytes) {
    if constexpr (kPrefetch) {
      for (std::size_t byte = 0; byte < kRowBytes; byte += 64) __builtin_prefetch(next + byte);
      next += kGroupBytes;
    }
    add_products(sums, Registers::load(codes), target, stride);
    codes += kGroupBytes;
  }
  store_sums(sums, row, dots);
}

// Many hits at once (a scan's first panels): several rows at a time.
template <typename Registers, bool kCertified>
void collect_panel(const Panel& panel, const TargetTile& targets, CandidateTile& candidates,
                   std::size_t t, const std::int32_t* dots) {
  const CandidateList list = candidates.list(t);
  const float threshold = candidates.thresholds[t];
  std::uint32_t count = candidates.counts[t];
  for (std::size_t row = 0; row < kPanelRows; row += Registers::kAppendRows) {
    if constexpr (kCertified) {
      count = Registers::append_certified(panel, row, list, count, dots + row, threshold,
                                          targets.slack[t], targets.margin[t]);
    } else {
      count = Registers::append_exact(panel, row, list, count, dots + row, threshold);
    }
  }
  close_list<kCertified>(candidates, t, count);
}

// Off the hot path: at least one row reached at least one of the group's targets.
template <typename Registers, int kTargets, bool kCertified>
__attribute__((noinline)) void take_hits(const Panel& panel, const TargetTile& targets,
                                         CandidateTile& candidates, std::size_t first,
                                         const GroupDots<Registers>& dots,
                                         const GroupHits<Registers>& hits) {
  // Mostly one target was reached: a loop over set bits ends as predicted.
  std::uint32_t reached = 0;
  for (std::size_t t = 0; t < kTargets; ++t) reached |= std::uint32_t{hits.of[t] != 0} << t;
  for (; reached != 0; reached &= reached - 1) {
    const auto t = static_cast<std::size_t>(__builtin_ctz(reached));
    if constexpr (Registers::kManyHits <= kPanelRows) {
      if (static_cast<std::size_t>(__builtin_popcountll(hits.of[t])) >= Registers::kManyHits) {
        collect_panel<Registers, kCertified>(panel, targets, candidates, first + t, dots.of[t]);
        continue;
      }
    }
    collect_rows<kCertified>(panel, targets, candidates, first + t, dots.of[t], hits.of[t]);
  }
}

template <typename Registers, int kTargets, bool kCertified, bool kPrefetch>
KLEIO_INLINE void scan_group(const Panel& panel, const TargetTile& targets,
                             CandidateTile& candidates, std::size_t first) {
  GroupDots<Registers> dots;
  for (std::size_t row = 0; row < kPanelRows; row += Registers::kRows) {
    multiply_rows<Registers, kTargets, kPrefetch>(panel, row, targets, first, dots);
  }
  GroupHits<Registers> hits;
  std::uint64_t any = 0;
#pragma GCC unroll 6
  for (std::size_t t = 0; t < kTargets; ++t) {
    const float bound = panel_bound<kCertified>(panel, targets, candidates, first + t);
    hits.of[t] = Registers::rows_reaching(dots.of[t], panel.scale, bound);
    any |= hits.of[t];
  }
  if (__builtin_expect(any != 0, 0)) {
    take_hits<Registers, kTargets, kCertified>(panel, targets, candidates, first, dots, hits);
  }
}

// Fewer targets than a group: one more than the `kTargets - 1` that there are not.
template <typename Registers, int kTargets, bool kCertified, bool kPrefetch>
KLEIO_INLINE void scan_some(const Panel& panel, const TargetTile& targets,
                            CandidateTile& candidates, std::size_t first) {
  if constexpr (kTargets < Registers::kTargets) {
    if (targets.count - first == kTargets) {
      scan_group<Registers, kTargets, kCertified, kPrefetch>(panel, targets, candidates, first);
    } else {
      scan_some<Registers, kTargets + 1, kCertified, kPrefetch>(panel, targets, candidates, first);
    }
  }
}

// The last targets, fewer than a group. Not a part of `scan`, whose loops would have less
// registers.
template <typename Registers, bool kCertified, bool kPrefetch>
__attribute__((noinline)) void scan_rest(const Panel& panel, const TargetTile& targets,
                                         CandidateTile& candidates, std::size_t first) {
  scan_some<Registers, 1, kCertified, kPrefetch>(panel, targets, candidates, first);
}

template <typename Registers, bool kCertified>
void scan(const Panel& panel, const TargetTile& targets, CandidateTile& candidates) {
  require_scannable<kCertified>(panel, targets, Registers::kTargetGroupBytes);
  constexpr int kGroup = Registers::kTargets;
  if (targets.count < kGroup) {
    return scan_rest<Registers, kCertified, true>(panel, targets, candidates, 0);
  }
  scan_group<Registers, kGroup, kCertified, true>(panel, targets, candidates, 0);
  std::size_t first = kGroup;
  for (; first + kGroup <= targets.count; first += kGroup) {
    scan_group<Registers, kGroup, kCertified, false>(panel, targets, candidates, first);
  }
  scan_rest<Registers, kCertified, false>(panel, targets, candidates, first);
}

// Replaces what the registers change of a lower level's kernels.
template <typename Registers>
void scan_with(CpuKernels& kernels) noexcept {
  kernels.target_group_bytes = Registers::kTargetGroupBytes;
  kernels.pack_target = Registers::pack_target;
  kernels.scan_exact = scan<Registers, false>;
  kernels.scan_certified = scan<Registers, true>;
}

}  // namespace
}  // namespace kleio
