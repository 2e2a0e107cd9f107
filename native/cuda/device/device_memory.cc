#include "cuda/device/device_memory.h"

#include "core/error.h"

namespace kleio::cuda {

DeviceMemory::DeviceMemory(Device& device, std::size_t budget_bytes)
    : device_(device), budget_bytes_(budget_bytes), freed_on_(device.make_stream()) {}

DeviceMemory::~DeviceMemory() {
  device_.destroy_stream(freed_on_);
}

DeviceBuffer DeviceMemory::allocate(std::size_t bytes, StreamHandle stream) {
  for (bool last = false;;) {
    try {
      return DeviceBuffer(device_, bytes, stream, freed_on_);
    } catch (const Error& error) {
      if (error.code() != ErrorCode::kOutOfMemory || last) throw;
    }
    std::unique_lock lock(mutex_);
    if (evict_one()) continue;
    lock.unlock();
    last_resort_();
    last = true;
  }
}

void DeviceMemory::hold(Evictable& holder, std::size_t bytes) {
  const std::lock_guard lock(mutex_);
  remove(holder);
  if (bytes == 0) return;
  holders_.push_front(&holder);
  holder.place_ = holders_.begin();
  holder.held_bytes_ = bytes;
  held_bytes_ += bytes;
  while (held_bytes_ > budget_bytes_ && evict_one()) {
  }
}

void DeviceMemory::forget(Evictable& holder) noexcept {
  const std::lock_guard lock(mutex_);
  remove(holder);
}

DeviceMemory::Usage DeviceMemory::usage() const noexcept {
  const std::lock_guard lock(mutex_);
  return {holders_.size(), held_bytes_, budget_bytes_, evictions_};
}

bool DeviceMemory::evict_one() noexcept {
  for (auto holder = holders_.rbegin(); holder != holders_.rend(); ++holder) {
    if (!(*holder)->evict()) continue;
    remove(**holder);
    ++evictions_;
    return true;
  }
  return false;
}

void DeviceMemory::remove(Evictable& holder) noexcept {
  if (holder.held_bytes_ == 0) return;
  holders_.erase(holder.place_);
  held_bytes_ -= holder.held_bytes_;
  holder.held_bytes_ = 0;
}

}  // namespace kleio::cuda
