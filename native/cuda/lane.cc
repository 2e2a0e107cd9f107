#include "cuda/lane.h"

#include <bit>

#include "core/error.h"
#include "cuda/device_memory.h"

namespace kleio::cuda {
namespace {

// Requests of about one size then need memory once.
std::size_t with_room(std::size_t bytes) {
  constexpr std::size_t kLeast = std::size_t{64} << 10;
  constexpr std::size_t kDoubledUpTo = std::size_t{64} << 20;
  if (bytes <= kLeast) return kLeast;
  return bytes <= kDoubledUpTo ? std::bit_ceil(bytes) : bytes + bytes / 8;
}

}  // namespace

Lane::Lane(Device& device, DeviceMemory& memory)
    : device_(device), memory_(memory), stream_(device), ring_(device, stream_.handle) {}

Lane::~Lane() {
  try {
    synchronise();
  } catch (const Error&) {
    // The device is lost: nothing runs on it any more.
  }
}

std::byte* Lane::inputs(std::size_t bytes) {
  if (bytes > inputs_.size()) inputs_ = PinnedBuffer(device_, with_room(bytes));
  return inputs_.data();
}

std::byte* Lane::outputs(std::size_t bytes) {
  if (bytes > outputs_.size()) outputs_ = PinnedBuffer(device_, with_room(bytes));
  return outputs_.data();
}

std::byte* Lane::workspace(std::size_t bytes) {
  if (bytes > workspace_.size()) {
    synchronise();  // work on the stream may use the workspace there is
    workspace_ = {};
    workspace_ = memory_.allocate(with_room(bytes), stream());
  }
  return workspace_.data();
}

LanePool::Lease LanePool::lend() {
  {
    const std::lock_guard lock(mutex_);
    if (!idle_.empty()) {
      std::unique_ptr<Lane> lane = std::move(idle_.back());
      idle_.pop_back();
      return {*this, std::move(lane)};
    }
    idle_.reserve(kKept);  // so that giving back cannot throw
  }
  return {*this, std::make_unique<Lane>(device_, memory_)};
}

void LanePool::give_back(std::unique_ptr<Lane> lane) noexcept {
  try {
    lane->synchronise();
  } catch (const Error&) {
    return;
  }
  const std::lock_guard lock(mutex_);
  if (idle_.size() < kKept) idle_.push_back(std::move(lane));
}

void LanePool::shrink_idle() noexcept {
  const std::lock_guard lock(mutex_);
  for (const auto& lane : idle_) lane->shrink();
}

}  // namespace kleio::cuda
