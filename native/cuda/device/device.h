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
// Errors: a failed allocation throws kOutOfMemory, a call that the device refuses (a launch, say,
// whose configuration it has no room for) kDevice. Neither changes anything: what was put on a
// stream before runs on, and has to be waited for before its memory may go. Any other failure is
// sticky: it marks the device lost, and this call and every later one that can throw throws
// kDeviceLost; so does waiting that fails. What releases something never throws.
//
// Threads: every member may be called from any thread. A stream is used by one thread at a time.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>

#include "cuda/device/device_work.h"
#include "cuda/kernels/kernel_table.h"

namespace kleio::cuda {

struct DeviceProperties {
  int ordinal = 0;  // n of "cuda:n"
  std::string name;
  int compute_major = 0;
  int compute_minor = 0;
  std::uint32_t multiprocessors = 0;
  std::uint32_t shared_memory_per_block = 0;  // bytes that a block may opt into
  bool wgmma = false;                         // has the instructions of Hopper's warpgroups
  std::size_t memory_bytes = 0;
};

struct EventHandle {
  void* native = nullptr;
};

// Work that a device has prepared, to be put on a stream at once.
struct GraphHandle {
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
    launch_any(any_launch(kernel, params), stream);
  }

  // Puts the work on the stream, one operation after the other.
  void run(const DeviceWork& work, StreamHandle stream) {
    work.each([&](const auto& operation) { put(operation, stream); });
  }
  // Null where no graph can be made of the work, for want of memory or otherwise. A graph owns none
  // of the memory that its work names, which has to be there at every replay. Nothing is put on
  // `stream`, which the device may need for making it.
  virtual GraphHandle make_graph(const DeviceWork& work, StreamHandle stream) = 0;
  // Not while it is on a stream; null is allowed.
  virtual void destroy_graph(GraphHandle graph) noexcept = 0;
  // What `run` does. False, with nothing put on the stream, where the device refuses the graph or
  // lacks the memory that it needs for itself.
  virtual bool replay(GraphHandle graph, StreamHandle stream) = 0;

 protected:
  virtual void launch_any(const AnyLaunch& launch, StreamHandle stream) = 0;

 private:
  void put(const DeviceWork::Upload& upload, StreamHandle stream) {
    this->upload(upload.to, upload.from_host, upload.bytes, stream);
  }
  void put(const DeviceWork::Download& download, StreamHandle stream) {
    this->download(download.to_host, download.from, download.bytes, stream);
  }
  void put(const AnyLaunch& launch, StreamHandle stream) { launch_any(launch, stream); }
};

}  // namespace kleio::cuda
