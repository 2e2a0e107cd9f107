// Compaction of a candidate list by its estimates. Included by each kernel file after it has chosen
// its instruction set, so that the plain loops below vectorise for it: everything is in an unnamed
// namespace and no symbol is shared between levels.
#pragma once

#include <algorithm>
#include <cassert>
#include <cstddef>
#include <cstdint>

#include "cpu/scan/candidates.h"

namespace kleio {
namespace {

inline std::size_t count_at_least(const std::int32_t* ranks, std::size_t count,
                                  std::int32_t bound) noexcept {
  std::int32_t reached = 0;
  for (std::size_t i = 0; i < count; ++i) reached += ranks[i] >= bound ? 1 : 0;
  return static_cast<std::size_t>(reached);
}

// A rank that at least k of the list reach, as high as a bisection finds it in few steps; it stops
// early once at most k/8 too many reach it. Requires count >= k.
inline std::int32_t rank_reached_by(const std::int32_t* ranks, std::size_t count,
                                    std::size_t k) noexcept {
  assert(k > 0 && count >= k);
  std::int32_t lowest = ranks[0];
  std::int32_t highest = ranks[0];
  for (std::size_t i = 0; i < count; ++i) {
    lowest = std::min(lowest, ranks[i]);
    highest = std::max(highest, ranks[i]);
  }
  std::int64_t low = lowest;                                   // reached by all
  std::int64_t high = static_cast<std::int64_t>(highest) + 1;  // reached by none
  while (high - low > 1) {
    const std::int64_t middle = low + (high - low) / 2;
    const std::size_t reached = count_at_least(ranks, count, static_cast<std::int32_t>(middle));
    if (reached < k) {
      high = middle;
      continue;
    }
    low = middle;
    if (reached <= k + k / 8) break;
  }
  return static_cast<std::int32_t>(low);
}

// Keeps, in order, the candidates whose `judged` rank reaches `bound`.
inline std::size_t keep_at_least(const CandidateList& list, const std::int32_t* judged,
                                 std::size_t count, std::int32_t bound) noexcept {
  std::size_t kept = 0;
  for (std::size_t i = 0; i < count; ++i) {
    const std::size_t step = judged[i] >= bound ? 1 : 0;
    list.rank[kept] = list.rank[i];
    list.extra[kept] = list.extra[i];
    list.slot[kept] = list.slot[i];
    kept += step;
  }
  return kept;
}

// A list is worth scanning on with when a quarter of it is free again.
inline bool has_room(const CandidateTile& candidates, std::size_t count) noexcept {
  return count <= candidates.capacity - candidates.capacity / 4;
}

inline void publish(const CandidateTile& candidates, std::size_t target, const CandidateList& list,
                    std::size_t count) noexcept {
  if (candidates.published == nullptr || count < candidates.share) return;
  candidates.published[target].store(rank_reached_by(list.rank, count, candidates.share),
                                     std::memory_order_relaxed);
}

// Raises the threshold to the K-th best of the ranks less `slack`, and keeps what reaches it by
// `judged`.
inline bool compact(CandidateTile& candidates, std::size_t target,
                    std::int32_t* CandidateList::* judged, float slack) noexcept {
  const CandidateList list = candidates.list(target);
  const std::size_t count = candidates.counts[target];
  publish(candidates, target, list, count);
  if (count < candidates.k) return true;
  const float kth = value_of_rank(rank_reached_by(list.rank, count, candidates.k));
  float& threshold = candidates.thresholds[target];
  threshold = std::max(threshold, kth - slack);
  const std::size_t kept = keep_at_least(list, list.*judged, count, rank_of(threshold));
  candidates.counts[target] = static_cast<std::uint32_t>(kept);
  return has_room(candidates, kept);
}

// Exact codes: an estimate differs from the canonical score only by rounding, at most `tolerance`.
inline bool compact_exact(CandidateTile& candidates, std::size_t target) noexcept {
  return compact(candidates, target, &CandidateList::rank, 2 * candidates.tolerances[target]);
}

// Certified codes: at least K rows truly reach the K-th best lower bound.
inline bool compact_certified(CandidateTile& candidates, std::size_t target) noexcept {
  return compact(candidates, target, &CandidateList::extra, 0.0f);
}

}  // namespace
}  // namespace kleio
