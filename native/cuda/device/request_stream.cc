#include "cuda/device/request_stream.h"

#include <bit>
#include <cassert>

#include "core/error.h"
#include "cuda/device/device_memory.h"

namespace kleio::cuda {
namespace {

// Requests of about one size then need memory once.
std::size_t with_room(std::size_t bytes) {
  constexpr std::size_t kMinBytes = std::size_t{64} << 10;
  constexpr std::size_t kDoubledUpTo = std::size_t{64} << 20;
  if (bytes <= kMinBytes) return kMinBytes;
  return bytes <= kDoubledUpTo ? std::bit_ceil(bytes) : bytes + bytes / 8;
}

}  // namespace

RequestStream::RequestStream(Device& device, DeviceMemory& memory, GraphCounters& counters,
                             bool graphs)
    : device_(device),
      memory_(memory),
      stream_(device),
      ring_(device, stream_.handle),
      graphs_(device, counters, graphs) {}

RequestStream::~RequestStream() {
  settle();
}

std::byte* RequestStream::inputs(std::size_t bytes) {
  return pinned(inputs_, bytes);
}

std::byte* RequestStream::outputs(std::size_t bytes) {
  return pinned(outputs_, bytes);
}

std::byte* RequestStream::pinned(PinnedBuffer& buffer, std::size_t bytes) {
  if (bytes > buffer.size()) {
    synchronise();  // work on the stream may use the memory there is
    graphs_.clear();
    buffer = PinnedBuffer(device_, with_room(bytes));
  }
  return buffer.data();
}

std::byte* RequestStream::workspace(std::size_t bytes) {
  if (bytes > workspace_.size()) {
    synchronise();  // as above
    shrink();
    workspace_ = memory_.allocate(with_room(bytes), handle());
  }
  return workspace_.data();
}

std::shared_ptr<DeviceBuffer> RequestStream::allocate(std::size_t bytes) {
  auto memory = std::make_shared<DeviceBuffer>(memory_.allocate(bytes, handle()));
  keep(memory);
  return memory;
}

void RequestStream::settle() noexcept {
  try {
    synchronise();
  } catch ([[maybe_unused]] const Error& error) {
    // A wait fails with the device alone, which then runs nothing any more: what its work used may
    // go, and whoever asks the device for something hears of it.
    assert(error.code() == ErrorCode::kDeviceLost);
  }
}

void RequestStream::shrink() noexcept {
  graphs_.clear();
  workspace_ = {};
}

RequestStreamPool::Lease RequestStreamPool::lend() {
  {
    const std::lock_guard lock(mutex_);
    if (!idle_.empty()) {
      std::unique_ptr<RequestStream> stream = std::move(idle_.back());
      idle_.pop_back();
      return {*this, std::move(stream)};
    }
    idle_.reserve(kKept);  // so that giving back cannot throw
  }
  return {*this, std::make_unique<RequestStream>(device_, memory_, counters_, graphs_)};
}

void RequestStreamPool::give_back(std::unique_ptr<RequestStream> stream) noexcept {
  try {
    stream->synchronise();
  } catch ([[maybe_unused]] const Error& error) {
    assert(error.code() == ErrorCode::kDeviceLost);  // as above
    return;
  }
  stream->let_go();
  const std::lock_guard lock(mutex_);
  if (idle_.size() < kKept) idle_.push_back(std::move(stream));
}

void RequestStreamPool::shrink_idle() noexcept {
  const std::lock_guard lock(mutex_);
  for (const auto& stream : idle_) stream->shrink();
}

}  // namespace kleio::cuda
