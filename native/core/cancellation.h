// Whether a call is still wanted.
#pragma once

#include <atomic>

#include "core/error.h"

namespace kleio {

// Copied freely; its flag, which another thread may set at any time, outlives the copies.
class Cancellation {
 public:
  Cancellation() = default;  // of a call that nobody can cancel
  explicit Cancellation(const std::atomic<bool>& flag) noexcept : flag_(&flag) {}

  bool requested() const noexcept {
    return flag_ != nullptr && flag_->load(std::memory_order_relaxed);
  }

  // Throws kAborted. Cheap enough to be asked once a tile.
  void throw_if_requested() const {
    if (requested()) throw Error(ErrorCode::kAborted, "the call was aborted");
  }

 private:
  const std::atomic<bool>* flag_ = nullptr;
};

}  // namespace kleio
