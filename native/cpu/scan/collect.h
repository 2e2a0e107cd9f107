// How a scan hands the rows that reached a threshold to a target's candidates. Included by each
// kernel file after it has chosen its instruction set, like compaction.h, which see.
#pragma once

#include <cassert>
#include <cstddef>
#include <cstdint>

#include "cpu/scan/candidates.h"
#include "cpu/scan/compaction.h"
#include "cpu/scan/panel.h"
#include "cpu/scan/scan_kernels.h"
#include "cpu/simd/aligned_buffer.h"

namespace kleio {
namespace {

// What every scan relies on.
template <bool kCertified>
inline void require_scannable([[maybe_unused]] const Panel& panel,
                              [[maybe_unused]] const TargetTile& targets,
                              [[maybe_unused]] std::size_t target_group_bytes) noexcept {
  assert(panel.codes != nullptr && is_aligned(panel.codes));
  assert(panel.scale != nullptr && is_aligned(panel.scale));
  assert(panel.next_codes != nullptr);
  assert(!kCertified || (panel.residual != nullptr && is_aligned(panel.residual)));
  assert(!kCertified || (panel.weight != nullptr && is_aligned(panel.weight)));
  assert(targets.stride_bytes >= targets.groups * target_group_bytes);
}

// The estimate that any row of the panel needs to be looked at more closely: the threshold, less
// the widest error of the panel's rows and what rounding the bound itself may lose.
template <bool kCertified>
inline float panel_bound(const Panel& panel, const TargetTile& targets,
                         const CandidateTile& candidates, std::size_t t) noexcept {
  const float threshold = candidates.thresholds[t];
  if constexpr (!kCertified) return threshold;
  const float error =
      (panel.residual_max * targets.slack[t] + panel.weight_max * targets.margin[t]) * 1.000001f;
  return threshold - (error + __builtin_fabsf(threshold) * 2e-7f);
}

// Compacts target `t`'s list if its `count` candidates leave no room for another panel.
template <bool kCertified>
inline void close_list(CandidateTile& candidates, std::size_t t, std::uint32_t count) {
  assert(count <= candidates.capacity + kPanelRows);
  candidates.counts[t] = count;
  if (count <= candidates.capacity) return;
  const bool room = kCertified ? compact_certified(candidates, t) : compact_exact(candidates, t);
  if (!room) candidates.compactor->compact(candidates, t);
}

// Appends the rows in `hits` (bit r: row r) that reach target `t`'s threshold by their own error. A
// place is written before it is judged: one unpredictable branch a row would cost more.
template <bool kCertified>
inline void collect_rows(const Panel& panel, const TargetTile& targets, CandidateTile& candidates,
                         std::size_t t, const std::int32_t* dots, std::uint64_t hits) {
  const CandidateList list = candidates.list(t);
  const float threshold = candidates.thresholds[t];
  std::uint32_t count = candidates.counts[t];
  for (; hits != 0; hits &= hits - 1) {
    const auto row = static_cast<std::uint32_t>(__builtin_ctzll(hits));
    const float estimate = static_cast<float>(dots[row]) * panel.scale[row];
    list.slot[count] = panel.first_slot + row;
    if constexpr (kCertified) {
      const float error =
          panel.residual[row] * targets.slack[t] + panel.weight[row] * targets.margin[t];
      list.rank[count] = rank_of(estimate - error);
      list.extra[count] = rank_of(estimate + error);
      count += estimate + error >= threshold ? 1 : 0;
    } else {
      list.rank[count] = rank_of(estimate);
      list.extra[count] = dots[row];
      count += estimate >= threshold ? 1 : 0;
    }
  }
  close_list<kCertified>(candidates, t, count);
}

}  // namespace
}  // namespace kleio
