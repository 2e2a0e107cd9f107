// Working memory that calls reuse: lends objects to any thread and keeps a few for the next call.
//
// What is kept waits for a call of the same size; once nothing has run for a while, it goes.
#pragma once

#include <cstddef>
#include <memory>
#include <mutex>
#include <utility>
#include <vector>

#include "core/idle_memory.h"

namespace kleio {

// `Workspace` is default-constructible and tells `retained_bytes()`: one that has grown beyond
// kMaxKeptBytes is freed when it comes back rather than kept.
template <typename Workspace>
class LeasePool : private IdleMemory {
 public:
  class Lease {
   public:
    Lease(LeasePool& pool, std::unique_ptr<Workspace> workspace)
        : pool_(&pool), workspace_(std::move(workspace)) {}
    Lease(Lease&&) = default;
    ~Lease() {
      if (workspace_) pool_->give_back(std::move(workspace_));
    }
    Workspace* operator->() const noexcept { return workspace_.get(); }
    Workspace& operator*() const noexcept { return *workspace_; }

   private:
    LeasePool* pool_;
    std::unique_ptr<Workspace> workspace_;
  };

  LeasePool() { join(); }
  // Whoever gives idle memory back finds nothing of it in a pool that goes.
  ~LeasePool() { leave(); }

  Lease lend() {
    {
      const std::lock_guard lock(mutex_);
      if (!idle_.empty()) {
        auto workspace = std::move(idle_.back());
        idle_.pop_back();
        return {*this, std::move(workspace)};
      }
      idle_.reserve(kKept);  // so that giving back cannot throw
    }
    return {*this, std::make_unique<Workspace>()};
  }

 private:
  static constexpr std::size_t kKept = 8;
  static constexpr std::size_t kMaxKeptBytes = std::size_t{48} << 20;

  void give_back(std::unique_ptr<Workspace> workspace) noexcept {
    if (workspace->retained_bytes() > kMaxKeptBytes) return;
    const std::lock_guard lock(mutex_);
    if (idle_.size() < kKept) idle_.push_back(std::move(workspace));
  }

  void forget() noexcept override {
    const std::lock_guard lock(mutex_);
    idle_.clear();
  }

  std::mutex mutex_;
  std::vector<std::unique_ptr<Workspace>> idle_;
};

}  // namespace kleio
