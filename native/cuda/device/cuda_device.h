// A GPU through the CUDA runtime.
#pragma once

#include <atomic>

#include "cuda/device/cuda_memory.h"
#include "cuda/device/device.h"

namespace kleio::cuda {

// Properties of device `ordinal`; takes no memory on it.
DeviceProperties properties_of_device(int ordinal);

class CudaDevice final : public Device {
 public:
  // Throws kDevice, saying why it cannot be used.
  explicit CudaDevice(int ordinal);

  const DeviceProperties& properties() const noexcept override { return properties_; }
  const KernelTable& kernels() const noexcept override { return cuda_kernels(); }
  bool is_lost() const noexcept override { return fault_ != kSuccess; }

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

  EventHandle make_event() override;
  void destroy_event(EventHandle event) noexcept override;
  void record(EventHandle event, StreamHandle stream) override;
  void synchronise(EventHandle event) override;
  void wait(StreamHandle stream, EventHandle event) override;

  GraphHandle make_graph(const DeviceWork& work, StreamHandle stream) override;
  void destroy_graph(GraphHandle graph) noexcept override;
  bool replay(GraphHandle graph, StreamHandle stream) override;

 private:
  void launch_any(const AnyLaunch& launch, StreamHandle stream) override;
  // Makes this device the calling thread's, unless it is lost.
  void enter() const;
  // Throws for an error what it stands for (cuda/device/device_errors.h).
  void require(DeviceError error, const char* what) const;
  // Of what waiting needs: kDeviceLost for any error, since nobody knows any more what still runs
  // over which memory.
  void insist(DeviceError error) const;
  [[noreturn]] void lose(DeviceError error) const;
  [[noreturn]] void throw_lost() const;

  DeviceProperties properties_;
  CudaMemory memory_;
  mutable std::atomic<DeviceError> fault_{kSuccess};
};

}  // namespace kleio::cuda
