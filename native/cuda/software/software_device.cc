#include "cuda/software/software_device.h"

#include <cstdio>
#include <cstring>
#include <utility>

#include "core/error.h"

namespace kleio::cuda {
namespace {

constexpr std::size_t kAlignment = 256;
constexpr std::size_t kCanaryBytes = 64;
constexpr std::size_t kMostPutOff = 64;  // operations of a stream
constexpr int kPoison = 0xf9;            // a NaN in float32 and far out of range as an index
constexpr int kCanary = 0x5c;

// Begins on a multiple of kAlignment; the canary follows.
std::byte* aligned(std::byte* bytes) {
  const auto address = reinterpret_cast<std::uintptr_t>(bytes);
  return bytes + (kAlignment - address % kAlignment) % kAlignment;
}

bool canary_lives(const std::byte* canary) {
  for (std::size_t i = 0; i < kCanaryBytes; ++i) {
    if (canary[i] != std::byte{kCanary}) return false;
  }
  return true;
}

}  // namespace

SoftwareDevice::SoftwareDevice(const SoftwareDeviceOptions& options) : options_(options) {
  properties_.ordinal = options.ordinal;
  properties_.name = "software device";
  properties_.compute_major = 8;
  properties_.multiprocessors = 4;
  properties_.shared_memory_per_block = 163 << 10;
  properties_.memory_bytes = options.memory_bytes;
}

SoftwareDevice::~SoftwareDevice() {
  run_everything();
  if (!memory_.empty() || !pinned_.empty() || !streams_.empty() || !graphs_.empty()) {
    std::fprintf(
        stderr,
        "software device: %zu allocations, %zu pinned ones, %zu streams, %zu graphs leaked\n",
        memory_.size(), pinned_.size(), streams_.size(), graphs_.size());
  }
}

bool SoftwareDevice::is_lost() const noexcept {
  const std::lock_guard lock(mutex_);
  return !fault_.empty();
}

void SoftwareDevice::require_present() const {
  if (!fault_.empty()) throw Error(ErrorCode::kDeviceLost, fault_);
}

void* SoftwareDevice::allocate(std::size_t bytes, StreamHandle) {
  const std::lock_guard lock(mutex_);
  require_present();
  if (bytes == 0) return nullptr;
  const std::uint64_t first = options_.fail_allocation;
  const bool fails =
      ++allocations_ >= first && allocations_ < first + options_.failing_allocations && first > 0;
  // As the driver does, what streams are going to free counts only after they have.
  if (bytes > options_.memory_bytes - used_bytes_) run_everything();
  if (fails || bytes > options_.memory_bytes - used_bytes_) {
    throw Error(ErrorCode::kOutOfMemory, "the device has no " + std::to_string(bytes) + " bytes");
  }
  auto owned = std::make_unique_for_overwrite<std::byte[]>(bytes + kAlignment + kCanaryBytes);
  std::byte* memory = aligned(owned.get());
  std::memset(memory, kPoison, bytes);
  std::memset(memory + bytes, kCanary, kCanaryBytes);
  used_bytes_ += bytes;
  memory_.emplace(memory, Allocation{std::move(owned), bytes, ++numbered_});
  return memory;
}

void SoftwareDevice::free(void* memory, StreamHandle stream) noexcept {
  if (memory == nullptr) return;
  const std::lock_guard lock(mutex_);
  memory_.find(memory)->second.freed = true;
  put(stream, [this, memory] { release(memory); });
}

void SoftwareDevice::release(void* memory) {
  const auto found = memory_.find(memory);
  const std::size_t size = found->second.size;
  if (!canary_lives(static_cast<std::byte*>(memory) + size)) {
    fault_ = "memory was written beyond an allocation of " + std::to_string(size) + " bytes";
  }
  std::memset(memory, kPoison, size);
  used_bytes_ -= size;
  memory_.erase(found);
}

void* SoftwareDevice::allocate_pinned(std::size_t bytes) {
  const std::lock_guard lock(mutex_);
  require_present();
  if (bytes == 0) return nullptr;
  auto owned = std::make_unique_for_overwrite<std::byte[]>(bytes + kAlignment);
  std::byte* memory = aligned(owned.get());
  std::memset(memory, kPoison, bytes);
  pinned_.emplace(memory, Allocation{std::move(owned), bytes, ++numbered_});
  return memory;
}

void SoftwareDevice::free_pinned(void* memory) noexcept {
  if (memory == nullptr) return;
  const std::lock_guard lock(mutex_);
  run_everything();
  pinned_.erase(memory);
}

const SoftwareDevice::Allocation* SoftwareDevice::find(const Allocations& allocations,
                                                       const void* memory) {
  const auto* byte = static_cast<const std::byte*>(memory);
  for (const auto& [begin, allocation] : allocations) {
    const auto* first = static_cast<const std::byte*>(begin);
    if (byte >= first && byte < first + allocation.size && !allocation.freed) return &allocation;
  }
  return nullptr;
}

bool SoftwareDevice::is_pinned(const void* memory) const {
  return find(pinned_, memory) != nullptr;
}

void SoftwareDevice::upload(void* to, const void* from_host, std::size_t bytes,
                            StreamHandle stream) {
  if (bytes == 0) return;
  const std::lock_guard lock(mutex_);
  require_present();
  if (is_pinned(from_host)) {
    put(stream, [=] { std::memcpy(to, from_host, bytes); });
    return;
  }
  const auto* first = static_cast<const std::byte*>(from_host);
  put(stream, [to, copied = std::vector<std::byte>(first, first + bytes)] {
    std::memcpy(to, copied.data(), copied.size());
  });
}

void SoftwareDevice::download(void* to_host, const void* from, std::size_t bytes,
                              StreamHandle stream) {
  copy(to_host, from, bytes, stream);
  if (!is_pinned(to_host)) synchronise(stream);
}

void SoftwareDevice::copy(void* to, const void* from, std::size_t bytes, StreamHandle stream) {
  if (bytes == 0) return;
  const std::lock_guard lock(mutex_);
  require_present();
  put(stream, [=] { std::memcpy(to, from, bytes); });
}

StreamHandle SoftwareDevice::make_stream() {
  const std::lock_guard lock(mutex_);
  require_present();
  auto owned = std::make_unique<Stream>();
  Stream* stream = owned.get();
  streams_.emplace(stream, std::move(owned));
  return {stream};
}

void SoftwareDevice::destroy_stream(StreamHandle stream) noexcept {
  const std::lock_guard lock(mutex_);
  run_everything();
  streams_.erase(static_cast<Stream*>(stream.native));
}

void SoftwareDevice::synchronise(StreamHandle stream) {
  const std::lock_guard lock(mutex_);
  auto& queue = *static_cast<Stream*>(stream.native);
  run_until(queue, queue.done + queue.waiting.size());
  require_present();
}

EventHandle SoftwareDevice::make_event() {
  return {new Event};
}

void SoftwareDevice::destroy_event(EventHandle event) noexcept {
  delete static_cast<Event*>(event.native);
}

void SoftwareDevice::record(EventHandle event, StreamHandle stream) {
  const std::lock_guard lock(mutex_);
  require_present();
  auto& queue = *static_cast<Stream*>(stream.native);
  *static_cast<Event*>(event.native) = {&queue, queue.done + queue.waiting.size()};
}

void SoftwareDevice::synchronise(EventHandle event) {
  const std::lock_guard lock(mutex_);
  const Event& recorded = *static_cast<Event*>(event.native);
  if (streams_.contains(recorded.stream)) run_until(*recorded.stream, recorded.position);
  require_present();
}

void SoftwareDevice::wait(StreamHandle stream, EventHandle event) {
  const std::lock_guard lock(mutex_);
  require_present();
  const Event recorded = *static_cast<Event*>(event.native);
  put(stream, [this, recorded] {
    if (streams_.contains(recorded.stream)) run_until(*recorded.stream, recorded.position);
  });
}

void SoftwareDevice::launch_any(const AnyLaunch& launch, StreamHandle stream) {
  const std::lock_guard lock(mutex_);
  require_present();
  const bool fails = ++launches_ == options_.fail_launch;
  const auto* first = static_cast<const std::byte*>(launch.params);
  // Aligned as the parameters were: vectors of bytes come from operator new.
  std::vector<std::byte> params(first, first + launch.params_bytes);
  put(stream, [this, fails, stream, invoke = launch.invoke, kernel = launch.kernel,
               params = std::move(params)] {
    if (!fails && invoke(kernel, params.data(), stream) == kSuccess) return;
    fault_ = "a kernel failed; the device cannot be used any more";
  });
}

// After a fault a GPU runs nothing; what gives memory back still has to.
void SoftwareDevice::put(StreamHandle stream, std::function<void()> operation) {
  auto& queue = *static_cast<Stream*>(stream.native);
  queue.waiting.push_back(std::move(operation));
  // A GPU does not wait for ever either.
  const std::size_t put_off = options_.deferred ? kMostPutOff : 0;
  if (queue.waiting.size() > put_off) {
    run_until(queue, queue.done + queue.waiting.size() - put_off);
  }
}

void SoftwareDevice::run_until(Stream& stream, std::uint64_t position) {
  while (stream.done < position && !stream.waiting.empty()) {
    const std::function<void()> operation = std::move(stream.waiting.front());
    stream.waiting.pop_front();
    ++stream.done;
    operation();
  }
}

void SoftwareDevice::run_everything() {
  for (const auto& [stream, owned] : streams_) {
    run_until(*owned, owned->done + owned->waiting.size());
  }
}

}  // namespace kleio::cuda
