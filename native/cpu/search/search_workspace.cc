#include "cpu/search/search_workspace.h"

#include <algorithm>

namespace kleio {
CandidateTile TileWorkspace::open(std::size_t targets, std::size_t k, std::size_t slot_count,
                                  bool exact) {
  CandidateTile tile;
  // More candidates than slots cannot arise: a K beyond them needs no more room.
  tile.k = std::min(k, slot_count);
  tile.capacity = CandidateTile::capacity_for(tile.k, exact);
  tile.stride = CandidateTile::list_stride(tile.capacity);
  tile.ranks = ranks.require(targets * tile.stride);
  tile.extras = extras.require(targets * tile.stride);
  tile.slots = slots.require(targets * tile.stride);
  tile.counts = counts.require(targets);
  tile.thresholds = thresholds.require(targets);
  std::fill_n(tile.counts, targets, 0u);
  return tile;
}

}  // namespace kleio
