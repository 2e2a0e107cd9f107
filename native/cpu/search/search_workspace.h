// Memory that searches reuse: after the first few calls of a shape, a search allocates nothing.
#pragma once

#include <cstdint>

#include "core/lease_pool.h"
#include "cpu/scan/candidates.h"
#include "cpu/simd/aligned_buffer.h"

namespace kleio {

// The candidate lists of one tile.
struct TileWorkspace {
  AlignedBuffer<std::int32_t> ranks;
  AlignedBuffer<std::int32_t> extras;
  AlignedBuffer<std::uint32_t> slots;
  AlignedBuffer<std::uint32_t> counts;
  AlignedBuffer<float> thresholds;

  // Empty lists for `targets` targets. Thresholds are the caller's to set.
  CandidateTile open(std::size_t targets, std::size_t k, std::size_t slot_count, bool exact);

  std::size_t retained_bytes() const noexcept {
    return ranks.byte_size() + extras.byte_size() + slots.byte_size() + counts.byte_size() +
           thresholds.byte_size();
  }
};

using WorkspacePool = LeasePool<TileWorkspace>;

}  // namespace kleio
