// The execution policy of a GPU in which a block is one warp of a thread block of several
// (cuda/kernels/execution.h): what a kernel shares between the threads of its block, it shares
// between 32 lanes, and warps never wait for one another.
//
// The lanes of a warp take the same way through a kernel: conditions around collectives and
// barriers are equal for all threads of a block, whatever a block is.
#pragma once

#include <cstddef>
#include <cstdint>

#include "cuda/kernels/execution_cuda.cuh"

namespace kleio::cuda {

class CudaWarp : public CudaBlock<kWarpLanes> {
 public:
  // `slice_bytes`: a warp's part of the thread block's shared memory, a multiple of 16.
  __device__ __forceinline__ explicit CudaWarp(std::uint32_t slice_bytes)
      : slice_(warp() * slice_bytes) {}

  // Of the warp among those of all thread blocks; may lie past the last one with work.
  __device__ __forceinline__ std::uint32_t index() const {
    return blockIdx.x * (blockDim.x / kWarpLanes) + warp();
  }

  // Orders the lanes' accesses to shared and global memory, as __syncthreads() does a block's.
  __device__ __forceinline__ void barrier() const { __syncwarp(); }

  template <typename T>
  __device__ __forceinline__ Shared<T> shared(std::uint32_t offset_bytes, std::uint32_t) const {
    return Shared<T>(reinterpret_cast<T*>(kleio_shared_memory + slice_ + offset_bytes));
  }

 private:
  __device__ __forceinline__ static std::uint32_t warp() { return threadIdx.x / kWarpLanes; }

  const std::uint32_t slice_;
};

}  // namespace kleio::cuda
