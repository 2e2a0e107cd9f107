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

SoftwareDevice::SoftwareDevice(const SoftwareDeviceOptions& options) : state_(options) {
  properties_.ordinal = options.ordinal;
  properties_.name = "software device";
  properties_.compute_major = 8;
  properties_.multiprocessors = 4;
  properties_.shared_memory_per_block = 163 << 10;
  properties_.wgmma = true;  // its kernels are of any capability
  properties_.memory_bytes = options.memory_bytes;
}

SoftwareDevice::~SoftwareDevice() {
  const auto state = state_.lock();
  state->run_everything();
  if (!state->memory.empty() || !state->pinned.empty() || !state->streams.empty() ||
      !state->graphs.empty()) {
    std::fprintf(
        stderr,
        "software device: %zu allocations, %zu pinned ones, %zu streams, %zu graphs leaked\n",
        state->memory.size(), state->pinned.size(), state->streams.size(), state->graphs.size());
  }
}

bool SoftwareDevice::is_lost() const noexcept {
  return !state_.lock()->fault.empty();
}

void SoftwareDevice::State::require_present() const {
  if (!fault.empty()) throw Error(ErrorCode::kDeviceLost, fault);
}

void* SoftwareDevice::allocate(std::size_t bytes, StreamHandle) {
  const auto state = state_.lock();
  state->require_present();
  if (bytes == 0) return nullptr;
  const SoftwareDeviceOptions& options = state->options;
  const std::uint64_t first = options.fail_allocation;
  const std::uint64_t allocation = ++state->allocations;
  const bool fails =
      first > 0 && allocation >= first && allocation < first + options.failing_allocations;
  // As the driver does, what streams are going to free counts only after they have.
  if (bytes > options.memory_bytes - state->used_bytes) state->run_everything();
  if (fails || bytes > options.memory_bytes - state->used_bytes) {
    throw Error(ErrorCode::kOutOfMemory, "the device has no " + std::to_string(bytes) + " bytes");
  }
  auto owned = std::make_unique_for_overwrite<std::byte[]>(bytes + kAlignment + kCanaryBytes);
  std::byte* memory = aligned(owned.get());
  std::memset(memory, kPoison, bytes);
  std::memset(memory + bytes, kCanary, kCanaryBytes);
  state->used_bytes += bytes;
  state->memory.emplace(memory, Allocation{std::move(owned), bytes, ++state->numbered});
  return memory;
}

void SoftwareDevice::free(void* memory, StreamHandle stream) noexcept {
  if (memory == nullptr) return;
  const auto state = state_.lock();
  state->memory.find(memory)->second.freed = true;
  state->put(stream, [&shared = *state, memory] { shared.release(memory); });
}

void SoftwareDevice::State::release(void* freed) {
  const auto found = memory.find(freed);
  const std::size_t size = found->second.size;
  if (!canary_lives(static_cast<std::byte*>(freed) + size)) {
    fault = "memory was written beyond an allocation of " + std::to_string(size) + " bytes";
  }
  std::memset(freed, kPoison, size);
  used_bytes -= size;
  memory.erase(found);
}

void* SoftwareDevice::allocate_pinned(std::size_t bytes) {
  const auto state = state_.lock();
  state->require_present();
  if (bytes == 0) return nullptr;
  auto owned = std::make_unique_for_overwrite<std::byte[]>(bytes + kAlignment);
  std::byte* memory = aligned(owned.get());
  std::memset(memory, kPoison, bytes);
  state->pinned.emplace(memory, Allocation{std::move(owned), bytes, ++state->numbered});
  return memory;
}

void SoftwareDevice::free_pinned(void* memory) noexcept {
  if (memory == nullptr) return;
  const auto state = state_.lock();
  state->run_everything();
  state->pinned.erase(memory);
}

const SoftwareDevice::Allocation* SoftwareDevice::State::find(const Allocations& allocations,
                                                              const void* byte) {
  const auto* sought = static_cast<const std::byte*>(byte);
  for (const auto& [begin, allocation] : allocations) {
    const auto* first = static_cast<const std::byte*>(begin);
    if (sought >= first && sought < first + allocation.size && !allocation.freed) {
      return &allocation;
    }
  }
  return nullptr;
}

void SoftwareDevice::upload(void* to, const void* from_host, std::size_t bytes,
                            StreamHandle stream) {
  if (bytes == 0) return;
  const auto state = state_.lock();
  state->require_present();
  if (state->is_pinned(from_host)) {
    state->put(stream, [=] { std::memcpy(to, from_host, bytes); });
    return;
  }
  const auto* first = static_cast<const std::byte*>(from_host);
  state->put(stream, [to, copied = std::vector<std::byte>(first, first + bytes)] {
    std::memcpy(to, copied.data(), copied.size());
  });
}

void SoftwareDevice::download(void* to_host, const void* from, std::size_t bytes,
                              StreamHandle stream) {
  copy(to_host, from, bytes, stream);
  if (!state_.lock()->is_pinned(to_host)) synchronise(stream);
}

void SoftwareDevice::copy(void* to, const void* from, std::size_t bytes, StreamHandle stream) {
  if (bytes == 0) return;
  const auto state = state_.lock();
  state->require_present();
  state->put(stream, [=] { std::memcpy(to, from, bytes); });
}

StreamHandle SoftwareDevice::make_stream() {
  const auto state = state_.lock();
  state->require_present();
  auto owned = std::make_unique<Stream>();
  Stream* stream = owned.get();
  state->streams.emplace(stream, std::move(owned));
  return {stream};
}

void SoftwareDevice::destroy_stream(StreamHandle stream) noexcept {
  const auto state = state_.lock();
  state->run_everything();
  state->streams.erase(static_cast<Stream*>(stream.native));
}

void SoftwareDevice::synchronise(StreamHandle stream) {
  const auto state = state_.lock();
  auto& queue = *static_cast<Stream*>(stream.native);
  state->run_until(queue, queue.done + queue.waiting.size());
  state->require_present();
}

EventHandle SoftwareDevice::make_event() {
  return {new Event};
}

void SoftwareDevice::destroy_event(EventHandle event) noexcept {
  delete static_cast<Event*>(event.native);
}

void SoftwareDevice::record(EventHandle event, StreamHandle stream) {
  const auto state = state_.lock();
  state->require_present();
  auto& queue = *static_cast<Stream*>(stream.native);
  *static_cast<Event*>(event.native) = {&queue, queue.done + queue.waiting.size()};
}

void SoftwareDevice::synchronise(EventHandle event) {
  const auto state = state_.lock();
  state->run_until(*static_cast<const Event*>(event.native));
  state->require_present();
}

void SoftwareDevice::wait(StreamHandle stream, EventHandle event) {
  const auto state = state_.lock();
  state->require_present();
  state->put(stream, [&shared = *state, recorded = *static_cast<const Event*>(event.native)] {
    shared.run_until(recorded);
  });
}

void SoftwareDevice::launch_any(const AnyLaunch& launch, StreamHandle stream) {
  const auto state = state_.lock();
  state->require_present();
  const bool fails = ++state->launches == state->options.fail_launch;
  const auto* first = static_cast<const std::byte*>(launch.params);
  // Aligned as the parameters were: vectors of bytes come from operator new.
  std::vector<std::byte> params(first, first + launch.params_bytes);
  state->put(stream, [&shared = *state, fails, stream, invoke = launch.invoke,
                      kernel = launch.kernel, params = std::move(params)] {
    if (!fails && invoke(kernel, params.data(), stream) == kSuccess) return;
    shared.fault = "a kernel failed; the device cannot be used any more";
  });
}

// After a fault a GPU runs nothing; what gives memory back still has to.
void SoftwareDevice::State::put(StreamHandle stream, std::function<void()> operation) {
  auto& queue = *static_cast<Stream*>(stream.native);
  queue.waiting.push_back(std::move(operation));
  // A GPU does not wait for ever either.
  const std::size_t put_off = options.deferred ? kMostPutOff : 0;
  if (queue.waiting.size() > put_off) {
    run_until(queue, queue.done + queue.waiting.size() - put_off);
  }
}

void SoftwareDevice::State::run_until(Stream& stream, std::uint64_t position) {
  while (stream.done < position && !stream.waiting.empty()) {
    const std::function<void()> operation = std::move(stream.waiting.front());
    stream.waiting.pop_front();
    ++stream.done;
    operation();
  }
}

void SoftwareDevice::State::run_until(const Event& event) {
  if (streams.contains(event.stream)) run_until(*event.stream, event.position);
}

void SoftwareDevice::State::run_everything() {
  for (const auto& [stream, owned] : streams) {
    run_until(*owned, owned->done + owned->waiting.size());
  }
}

}  // namespace kleio::cuda
