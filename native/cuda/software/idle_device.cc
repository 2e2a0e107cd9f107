#include "cuda/software/idle_device.h"

#include <algorithm>
#include <cstdlib>

#include "core/error.h"
#include "core/spin.h"

namespace kleio::cuda {
namespace {

constexpr std::size_t kAlignment = 256;

template <typename Params>
DeviceError launch_nothing(const Params&, StreamHandle) {
  return kSuccess;
}

// Pages that nobody touches cost nothing, so this may be as much as a GPU has.
void* reserve(std::size_t bytes) {
  if (bytes == 0) return nullptr;
  const std::size_t whole = (bytes + kAlignment - 1) / kAlignment * kAlignment;
  void* const memory = std::aligned_alloc(kAlignment, whole);
  if (memory == nullptr) throw Error(ErrorCode::kOutOfMemory, "no memory for an idle device");
  return memory;
}

}  // namespace

IdleDevice::IdleDevice(const IdleDeviceOptions& options)
    : busy_(options.busy), trace_(options.trace_path) {
  // Of an H200, so that requests are planned as for one.
  properties_.name = "idle device";
  properties_.compute_major = 9;
  properties_.multiprocessors = 132;
  properties_.shared_memory_per_block = 227 << 10;
  properties_.wgmma = true;
  properties_.memory_bytes = std::size_t{141} << 30;
  kernels_.scan = launch_nothing;
  kernels_.threshold = launch_nothing;
  kernels_.append = launch_nothing;
  kernels_.select = launch_nothing;
  kernels_.rank = launch_nothing;
  kernels_.attend = launch_nothing;
  kernels_.tabulate = launch_nothing;
  kernels_.change_slots = launch_nothing;
}

void* IdleDevice::allocate(std::size_t bytes, StreamHandle) {
  return reserve(bytes);
}

void IdleDevice::free(void* memory, StreamHandle) noexcept {
  std::free(memory);
}

// Zero, because what is downloaded to is read.
void* IdleDevice::allocate_pinned(std::size_t bytes) {
  void* const memory = reserve(bytes);
  std::fill_n(static_cast<std::byte*>(memory), bytes, std::byte{0});
  return memory;
}

void IdleDevice::free_pinned(void* memory) noexcept {
  std::free(memory);
}

void IdleDevice::upload(void*, const void*, std::size_t bytes, StreamHandle) {
  trace_.note(DeviceTrace::Kind::kUpload, bytes);
}

void IdleDevice::download(void*, const void*, std::size_t bytes, StreamHandle) {
  trace_.note(DeviceTrace::Kind::kDownload, bytes);
}

void IdleDevice::copy(void*, const void*, std::size_t, StreamHandle) {}

StreamHandle IdleDevice::make_stream() {
  return {new Stream};
}

void IdleDevice::destroy_stream(StreamHandle stream) noexcept {
  delete static_cast<Stream*>(stream.native);
}

void IdleDevice::launch_any(const AnyLaunch& launch, StreamHandle stream) {
  trace_.note(DeviceTrace::Kind::kLaunch, launch.params_bytes);
  auto& queue = *static_cast<Stream*>(stream.native);
  const Clock::time_point now = Clock::now();
  if (queue.busy_until <= now) queue.busy_until = now + busy_;
}

GraphHandle IdleDevice::make_graph(const DeviceWork& work, StreamHandle) {
  return {new DeviceWork(work)};
}

void IdleDevice::destroy_graph(GraphHandle graph) noexcept {
  delete static_cast<DeviceWork*>(graph.native);
}

bool IdleDevice::replay(GraphHandle graph, StreamHandle stream) {
  run(*static_cast<const DeviceWork*>(graph.native), stream);
  return true;
}

void IdleDevice::synchronise(StreamHandle stream) {
  auto& queue = *static_cast<Stream*>(stream.native);
  while (Clock::now() < queue.busy_until) pause_processor();
  trace_.note(DeviceTrace::Kind::kSynchronised, 0);
}

}  // namespace kleio::cuda
