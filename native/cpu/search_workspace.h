// Memory that searches reuse: after the first few calls of a shape, a search allocates nothing.
#pragma once

#include <cstdint>
#include <memory>
#include <mutex>
#include <vector>

#include "cpu/aligned_buffer.h"
#include "cpu/candidates.h"

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
};

// Lends workspaces to any thread; keeps a few for the next search.
class WorkspacePool {
 public:
  class Lease {
   public:
    Lease(WorkspacePool& pool, std::unique_ptr<TileWorkspace> workspace)
        : pool_(&pool), workspace_(std::move(workspace)) {}
    Lease(Lease&&) = default;
    ~Lease() {
      if (workspace_) pool_->give_back(std::move(workspace_));
    }
    TileWorkspace* operator->() const noexcept { return workspace_.get(); }
    TileWorkspace& operator*() const noexcept { return *workspace_; }

   private:
    WorkspacePool* pool_;
    std::unique_ptr<TileWorkspace> workspace_;
  };

  Lease lend();

 private:
  void give_back(std::unique_ptr<TileWorkspace> workspace) noexcept;

  static constexpr std::size_t kKept = 16;
  std::mutex mutex_;
  std::vector<std::unique_ptr<TileWorkspace>> idle_;
};

}  // namespace kleio
