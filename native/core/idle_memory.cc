#include "core/idle_memory.h"

#include <mutex>
#include <utility>

#include "core/block_memory.h"

namespace kleio {
namespace {

// Held while what is kept goes, so that nobody who keeps it goes meanwhile.
constinit std::mutex keepers_mutex;
constinit IdleMemory* first_keeper = nullptr;

constinit std::mutex watch_mutex;
constinit IdleWatch* watch = nullptr;  // the last to come

}  // namespace

void IdleMemory::join() noexcept {
  const std::lock_guard lock(keepers_mutex);
  known_ = true;
  next_ = std::exchange(first_keeper, this);
  if (next_ != nullptr) next_->previous_ = this;
}

void IdleMemory::leave() noexcept {
  const std::lock_guard lock(keepers_mutex);
  if (!std::exchange(known_, false)) return;
  (previous_ == nullptr ? first_keeper : previous_->next_) = next_;
  if (next_ != nullptr) next_->previous_ = previous_;
}

void give_back_idle_memory() noexcept {
  {
    const std::lock_guard lock(keepers_mutex);
    for (IdleMemory* keeper = first_keeper; keeper != nullptr; keeper = keeper->next_) {
      keeper->forget();
    }
  }
  give_back_kept_pages();
}

void IdleWatch::begin_watch() noexcept {
  const std::lock_guard lock(watch_mutex);
  watch = this;
}

void IdleWatch::end_watch() noexcept {
  const std::lock_guard lock(watch_mutex);
  if (watch == this) watch = nullptr;
}

void expect_idle_memory() noexcept {
  {
    const std::lock_guard lock(watch_mutex);
    if (watch != nullptr) {
      watch->expect();
      return;
    }
  }
  give_back_kept_pages();
}

}  // namespace kleio
