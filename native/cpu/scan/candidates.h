// The rows that may still be among a target's K best, while a scan runs.
//
// Each target has a list of fixed capacity and a threshold. The threshold is a lower bound of the
// K-th best estimate so far: it only rises, and a row below it can never be kept. When a list is
// full it is *compacted*: first by estimates alone (a bisection finds a value that at least K
// candidates certainly reach), and if ties or a loose bound leave it full, by canonical scores,
// which leave exactly K. A list therefore never overflows and never drops a row that could be kept.
//
// Estimates are stored as signed integers of the same order ("rank"), because a bisection over
// integers vectorises and terminates.
#pragma once

#include <atomic>
#include <bit>
#include <cstddef>
#include <cstdint>

#include "cpu/scan/panel.h"

namespace kleio {

// Float order as signed integer order; its own inverse on the integers.
constexpr std::int32_t flip_negative(std::int32_t bits) noexcept {
  return bits ^ ((bits >> 31) & 0x7fffffff);
}
inline std::int32_t rank_of(float value) noexcept {
  return flip_negative(std::bit_cast<std::int32_t>(value));
}
inline float value_of_rank(std::int32_t rank) noexcept {
  return std::bit_cast<float>(flip_negative(rank));
}

// What one candidate's places hold:
//   rank   exact: rank of the estimate.  certified: rank of the lowest value it may truly have
//   extra  exact: the integer dot.       certified: rank of the highest value it may truly have
//   slot   the panel row's slot
struct CandidateList {
  std::int32_t* rank;
  std::int32_t* extra;
  std::uint32_t* slot;
};

class CandidateTile;

// Compacts a list by canonical scores: leaves the K best and raises the threshold to the K-th.
class CanonicalCompactor {
 public:
  virtual void compact(CandidateTile& candidates, std::size_t target) = 0;

 protected:
  ~CanonicalCompactor() = default;
};

// The lists of a tile of targets; views into a workspace.
class CandidateTile {
 public:
  // A compaction must run before a list holds more than `capacity`; a scan may append a whole panel
  // before it looks, so a list has room for kPanelRows more.
  // A threshold rises when a list is compacted, so a small list keeps it fresh: at K = 50 128
  // places scan 4 % faster than 256. Certified bounds let about three times as many rows pass.
  static constexpr std::size_t capacity_for(std::size_t k, bool exact) noexcept {
    const std::size_t least = exact ? 128 : 320;
    const std::size_t wanted = exact ? k + k / 2 + 32 : 5 * k + 64;
    return wanted < least ? least : (wanted + 15) / 16 * 16;
  }
  static constexpr std::size_t kBytesPerPlace = 12;  // rank, extra, slot
  static constexpr std::size_t list_stride(std::size_t capacity) noexcept {
    return capacity + kPanelRows + 16;  // a vector store may write 16 places past the last
  }

  std::size_t k = 0;
  std::size_t capacity = 0;
  std::size_t stride = 0;         // list_stride(capacity)
  std::int32_t* ranks = nullptr;  // [targets][stride], as the next two
  std::int32_t* extras = nullptr;
  std::uint32_t* slots = nullptr;
  std::uint32_t* counts = nullptr;    // [targets]
  float* thresholds = nullptr;        // [targets]
  const float* tolerances = nullptr;  // [targets], exact codes: what rounding can move an estimate
  CanonicalCompactor* compactor = nullptr;
  // Where a scan that shares its rows with other threads publishes what `share` of its candidates
  // reach (cpu/scan/threshold_board.h); null for a scan of all rows.
  std::atomic<std::int32_t>* published = nullptr;  // [targets]
  std::size_t share = 0;

  CandidateList list(std::size_t target) const noexcept {
    return {ranks + target * stride, extras + target * stride, slots + target * stride};
  }
};

}  // namespace kleio
