// A device that does nothing, for measuring what the host does: copies and kernels are only noted,
// results stay zero. The work of a stream takes a set time from its first launch on, which whoever
// waits for it spends as the CUDA runtime does, without sleeping.
//
// Where it is given a file, it writes there what it was asked for and when (DeviceTrace), which
// another program may read while it runs.
#pragma once

#include <chrono>
#include <cstdint>
#include <string>

#include "cuda/device/device.h"
#include "cuda/software/device_trace.h"

namespace kleio::cuda {

struct IdleDeviceOptions {
  std::chrono::microseconds busy{0};
  std::string trace_path;  // empty: no trace
};

class IdleDevice final : public Device {
 public:
  explicit IdleDevice(const IdleDeviceOptions& options);

  const DeviceProperties& properties() const noexcept override { return properties_; }
  const KernelTable& kernels() const noexcept override { return kernels_; }
  bool is_lost() const noexcept override { return false; }

  void* allocate(std::size_t bytes, StreamHandle stream) override;
  void free(void* memory, StreamHandle stream) noexcept override;
  void* allocate_pinned(std::size_t bytes) override;
  void free_pinned(void* memory) noexcept override;

  void upload(void* to, const void* from_host, std::size_t bytes, StreamHandle stream) override;
  void download(void* to_host, const void* from, std::size_t bytes, StreamHandle stream) override;
  void copy(void* to, const void* from, std::size_t bytes, StreamHandle stream) override;

  StreamHandle make_stream() override;
  void destroy_stream(StreamHandle stream) noexcept override;
  void synchronise(StreamHandle stream) override;

  EventHandle make_event() override { return {}; }
  void destroy_event(EventHandle) noexcept override {}
  void record(EventHandle, StreamHandle) override {}
  void synchronise(EventHandle) override {}
  void wait(StreamHandle, EventHandle) override {}

  // A graph is the work itself.
  GraphHandle make_graph(const DeviceWork& work, StreamHandle stream) override;
  void destroy_graph(GraphHandle graph) noexcept override;
  bool replay(GraphHandle graph, StreamHandle stream) override;

 private:
  using Clock = std::chrono::steady_clock;
  struct Stream {
    Clock::time_point busy_until{};
  };

  void launch_any(const AnyLaunch& launch, StreamHandle stream) override;

  const std::chrono::microseconds busy_;
  DeviceProperties properties_;
  KernelTable kernels_;
  DeviceTrace trace_;
};

}  // namespace kleio::cuda
