#include "cuda/device/lane.h"

#include <bit>

#include "core/error.h"
#include "cuda/device/device_memory.h"

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

Lane::Lane(Device& device, DeviceMemory& memory, GraphCounters& counters, bool graphs)
    : device_(device),
      memory_(memory),
      stream_(device),
      ring_(device, stream_.handle),
      graphs_(device, counters, graphs) {}

Lane::~Lane() {
  settle();
}

std::byte* Lane::inputs(std::size_t bytes) {
  return pinned(inputs_, bytes);
}

std::byte* Lane::outputs(std::size_t bytes) {
  return pinned(outputs_, bytes);
}

std::byte* Lane::pinned(PinnedBuffer& buffer, std::size_t bytes) {
  if (bytes > buffer.size()) {
    synchronise();  // work on the stream may use the memory there is
    graphs_.clear();
    buffer = PinnedBuffer(device_, with_room(bytes));
  }
  return buffer.data();
}

std::byte* Lane::workspace(std::size_t bytes) {
  if (bytes > workspace_.size()) {
    synchronise();  // as above
    shrink();
    workspace_ = memory_.allocate(with_room(bytes), stream());
  }
  return workspace_.data();
}

std::shared_ptr<DeviceBuffer> Lane::allocate(std::size_t bytes) {
  auto memory = std::make_shared<DeviceBuffer>(memory_.allocate(bytes, stream()));
  keep(memory);
  return memory;
}

void Lane::settle() noexcept {
  try {
    synchronise();
  } catch (const Error&) {
  }
}

void Lane::shrink() noexcept {
  graphs_.clear();
  workspace_ = {};
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
  return {*this, std::make_unique<Lane>(device_, memory_, counters_, graphs_)};
}

void LanePool::give_back(std::unique_ptr<Lane> lane) noexcept {
  try {
    lane->synchronise();
  } catch (const Error&) {
    return;
  }
  lane->release();
  const std::lock_guard lock(mutex_);
  if (idle_.size() < kKept) idle_.push_back(std::move(lane));
}

void LanePool::shrink_idle() noexcept {
  const std::lock_guard lock(mutex_);
  for (const auto& lane : idle_) lane->shrink();
}

}  // namespace kleio::cuda
