// What the host side of the CUDA backend needs of a device: memory, streams, events, launches.
//
// Two implementations: CudaDevice over the CUDA runtime, and SoftwareDevice, which runs the same
// kernels on the CPU and can be told to fail. Everything above this interface is tested on the
// latter.
//
// Memory is stream-ordered: what `allocate` returns may be used by work put on that stream
// afterwards, and `free` takes effect once the work put on its stream before has run. Copies need
// pinned host memory to be asynchronous; other host memory is copied before the call returns.
//
// Errors: a failed allocation throws kOutOfMemory and changes nothing. Any other failure of the
// device is sticky: it marks the device lost, and this call and every later one that can throw
// throws kDeviceLost. What releases something never throws.
//
// Threads: every member may be called from any thread. A stream is used by one thread at a time.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <type_traits>

#include "cuda/kernel_table.h"

namespace kleio::cuda {

struct DeviceProperties {
  int ordinal = 0;  // n of "cuda:n"
  std::string name;
  int compute_major = 0;
  int compute_minor = 0;
  std::uint32_t multiprocessors = 0;
  std::uint32_t shared_memory_per_block = 0;  // bytes that a block may opt into
  std::size_t memory_bytes = 0;
};

struct EventHandle {
  void* native = nullptr;
};

class Device {
 public:
  virtual ~Device() = default;

  virtual const DeviceProperties& properties() const noexcept = 0;
  virtual const KernelTable& kernels() const noexcept = 0;
  virtual bool is_lost() const noexcept = 0;

  // Memory of the device, aligned to 256 bytes. 0 bytes give nullptr. Throws kOutOfMemory.
  virtual void* allocate(std::size_t bytes, StreamHandle stream) = 0;
  virtual void free(void* memory, StreamHandle stream) noexcept = 0;
  // Pinned memory of the host. Throws kOutOfMemory.
  virtual void* allocate_pinned(std::size_t bytes) = 0;
  virtual void free_pinned(void* memory) noexcept = 0;

  virtual void upload(void* to, const void* from_host, std::size_t bytes, StreamHandle stream) = 0;
  virtual void download(void* to_host, const void* from, std::size_t bytes,
                        StreamHandle stream) = 0;
  virtual void copy(void* to, const void* from, std::size_t bytes, StreamHandle stream) = 0;

  virtual StreamHandle make_stream() = 0;
  virtual void destroy_stream(StreamHandle stream) noexcept = 0;
  // Waits until the stream's work is done; this is where errors of kernels come out.
  virtual void synchronise(StreamHandle stream) = 0;

  virtual EventHandle make_event() = 0;
  virtual void destroy_event(EventHandle event) noexcept = 0;
  virtual void record(EventHandle event, StreamHandle stream) = 0;
  // Waits until what the event recorded is done; at once if it never recorded anything.
  virtual void synchronise(EventHandle event) = 0;
  // Later work of the stream waits for what the event recorded.
  virtual void wait(StreamHandle stream, EventHandle event) = 0;

  template <typename Params>
  void launch(LaunchFunction<Params> kernel, const Params& params, StreamHandle stream) {
    static_assert(std::is_trivially_copyable_v<Params>);
    const auto invoke = [](AnyFunction function, const void* bytes, StreamHandle on) {
      return reinterpret_cast<LaunchFunction<Params>>(function)(*static_cast<const Params*>(bytes),
                                                                on);
    };
    launch_any({invoke, reinterpret_cast<AnyFunction>(kernel), &params, sizeof params}, stream);
  }

 protected:
  using AnyFunction = void (*)();
  // A launch whose parameters' type is forgotten: a device may copy them and launch later.
  struct AnyLaunch {
    DeviceError (*invoke)(AnyFunction kernel, const void* params, StreamHandle stream);
    AnyFunction kernel;
    const void* params;
    std::size_t params_bytes;
  };
  virtual void launch_any(const AnyLaunch& launch, StreamHandle stream) = 0;
};

}  // namespace kleio::cuda
