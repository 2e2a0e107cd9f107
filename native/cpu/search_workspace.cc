#include "cpu/search_workspace.h"

#include <algorithm>

namespace kleio {
namespace {

// A workspace larger than this (K in the thousands) is freed after use rather than kept.
constexpr std::size_t kLargestKeptValues = std::size_t{4} << 20;

}  // namespace

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

WorkspacePool::Lease WorkspacePool::lend() {
  {
    const std::lock_guard lock(mutex_);
    if (!idle_.empty()) {
      auto workspace = std::move(idle_.back());
      idle_.pop_back();
      return {*this, std::move(workspace)};
    }
    idle_.reserve(kKept);  // so that giving back cannot throw
  }
  return {*this, std::make_unique<TileWorkspace>()};
}

void WorkspacePool::give_back(std::unique_ptr<TileWorkspace> workspace) noexcept {
  if (workspace->ranks.size() > kLargestKeptValues) return;
  const std::lock_guard lock(mutex_);
  if (idle_.size() < idle_.capacity() && idle_.size() < kKept)
    idle_.push_back(std::move(workspace));
}

}  // namespace kleio
