// Memory of the software device: what it hands out and takes back, and what it finds wrong there.
#include <algorithm>
#include <cstring>
#include <random>
#include <utility>

#include "core/error.h"
#include "cuda/software/software_device.h"

namespace kleio::cuda {
namespace {

constexpr std::size_t kAlignment = 256;
constexpr std::size_t kCanaryBytes = 64;
constexpr int kCanary = 0x5c;
// What is forgotten after a download, at least: the results of the next request of the stream.
constexpr std::size_t kForgotten = std::size_t{1} << 20;

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

// A NaN in float32 and float64 and far out of range as an index; another one every time, so that no
// result can be taken for it twice.
std::uint32_t draw_poison() {
  return 0xffc00000u | (std::random_device{}() & 0x1fffffu);
}

}  // namespace

SoftwareDevice::State::State(const SoftwareDeviceOptions& set)
    : options(set), poison(draw_poison()) {}

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
  state->fill_with_poison(memory, bytes);
  std::memset(memory + bytes, kCanary, kCanaryBytes);
  state->used_bytes += bytes;
  state->memory.emplace(memory, Allocation{std::move(owned), bytes, ++state->numbered});
  return memory;
}

void SoftwareDevice::free(void* memory, StreamHandle stream) noexcept {
  if (memory == nullptr) return;
  const auto state = state_.lock();
  Allocation& allocation = state->memory.find(memory)->second;
  if (state->is_named(memory, allocation.size, static_cast<Stream*>(stream.native))) {
    state->report("device memory was freed under work of another stream");
  }
  allocation.freed = true;
  state->put(stream, {[&shared = *state, memory] { shared.put_back(memory); }, {}});
}

void SoftwareDevice::State::put_back(void* freed) {
  const auto found = memory.find(freed);
  const std::size_t size = found->second.size;
  if (!canary_lives(static_cast<std::byte*>(freed) + size)) {
    report("memory was written beyond an allocation of " + std::to_string(size) + " bytes");
  }
  fill_with_poison(static_cast<std::byte*>(freed), size);
  used_bytes -= size;
  memory.erase(found);
}

void* SoftwareDevice::allocate_pinned(std::size_t bytes) {
  const auto state = state_.lock();
  state->require_present();
  if (bytes == 0) return nullptr;
  if (++state->pinned_allocations == state->options.fail_pinned) {
    throw Error(ErrorCode::kOutOfMemory, "the host has no pinned memory");
  }
  auto owned = std::make_unique_for_overwrite<std::byte[]>(bytes + kAlignment);
  std::byte* memory = aligned(owned.get());
  state->fill_with_poison(memory, bytes);
  state->pinned.emplace(memory, Allocation{std::move(owned), bytes, ++state->numbered});
  return memory;
}

void SoftwareDevice::free_pinned(void* memory) noexcept {
  if (memory == nullptr) return;
  const auto state = state_.lock();
  const auto found = state->pinned.find(memory);
  if (state->is_named(memory, found->second.size, nullptr)) {
    state->report("pinned memory was freed under a copy");
  }
  state->run_everything();
  state->pinned.erase(found);
}

SoftwareDevice::Allocations::const_iterator SoftwareDevice::State::entry_of(
    const Allocations& allocations, const void* byte) {
  const auto* sought = static_cast<const std::byte*>(byte);
  return std::ranges::find_if(allocations, [sought](const auto& entry) {
    const auto* first = static_cast<const std::byte*>(entry.first);
    return sought >= first && sought < first + entry.second.size && !entry.second.freed;
  });
}

bool SoftwareDevice::State::is_named(const void* begin, std::size_t size,
                                     const Stream* except) const {
  const auto* first = static_cast<const std::byte*>(begin);
  const auto is_within = [=](const void* name) { return name >= first && name < first + size; };
  return std::ranges::any_of(streams, [&](const auto& entry) {
    return entry.first != except &&
           std::ranges::any_of(entry.first->waiting, [&](const Operation& operation) {
             return std::ranges::any_of(operation.names, is_within);
           });
  });
}

// `bytes` begins at a word of its allocation.
void SoftwareDevice::State::fill_with_poison(std::byte* bytes, std::size_t count) const {
  const std::size_t words = count / sizeof poison;
  std::fill_n(reinterpret_cast<std::uint32_t*>(bytes), words, poison);
  std::memcpy(bytes + words * sizeof poison, &poison, count % sizeof poison);
}

// Kernels write as they please, so what they have not written is known by the poison.
void SoftwareDevice::State::require_written(const char* what, const void* from, std::size_t bytes) {
  const auto found = entry_of(memory, from);
  if (found == memory.end()) return;
  const auto* begin = static_cast<const std::byte*>(found->first);
  const auto first = static_cast<std::size_t>(static_cast<const std::byte*>(from) - begin);
  constexpr std::size_t kWord = sizeof poison;
  for (std::size_t at = (first + kWord - 1) / kWord * kWord; at + kWord <= first + bytes;
       at += kWord) {
    if (std::memcmp(begin + at, &poison, kWord) != 0) continue;
    report(std::string(what) + " of " + std::to_string(bytes) +
           " bytes takes what nobody wrote, from byte " + std::to_string(at - first) + " on");
    return;
  }
}

// What was downloaded is poisoned again: no request reads what another left, nor hands it out.
void SoftwareDevice::State::forget(const void* from, std::size_t bytes) {
  const auto found = entry_of(memory, from);
  if (found == memory.end()) return;
  auto* const begin = static_cast<std::byte*>(found->first);
  const auto first = static_cast<std::size_t>(static_cast<const std::byte*>(from) - begin) /
                     sizeof poison * sizeof poison;
  fill_with_poison(begin + first,
                   std::min(std::max(bytes, kForgotten), found->second.size - first));
}

}  // namespace kleio::cuda
