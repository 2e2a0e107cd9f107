// The memory of one GPU, ordered by streams (cuda/device/device.h): from a pool of this process, or
// from the driver itself where it has no pools, as under some virtual GPUs.
#pragma once

#include <cstddef>

#include "cuda/kernels/kernel_table.h"

namespace kleio::cuda {

class CudaMemory {
 public:
  // Of the calling thread's device, which is number `ordinal`. Throws kDevice.
  explicit CudaMemory(int ordinal);
  ~CudaMemory();
  CudaMemory(const CudaMemory&) = delete;
  CudaMemory& operator=(const CudaMemory&) = delete;

  // For the calling thread's device, too. Both leave the runtime's last error to the caller.
  DeviceError allocate(void** memory, std::size_t bytes, StreamHandle stream) noexcept;
  DeviceError free(void* memory, StreamHandle stream) noexcept;

 private:
  const int ordinal_;
  void* pool_ = nullptr;  // cudaMemPool_t; null: the driver has none
};

}  // namespace kleio::cuda
