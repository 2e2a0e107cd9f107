// The ranking kernels on a GPU, and their launches. Each rank_kernels_<type>.cu instantiates the
// one that selects, so that the types of codes compile side by side.
#pragma once

#include <cuda_runtime.h>

#include "cuda/kernels/execution_cuda.cuh"
#include "cuda/kernels/rank.cuh"
#include "cuda/kernels/rank_kernels.h"
#include "cuda/kernels/rank_launch.h"
#include "cuda/kernels/shared_limit.cuh"

namespace kleio::cuda {

using RankBlock = CudaBlock<kRankThreads>;

// Two thread blocks a multiprocessor: 128 registers a thread.
template <CodeType kCode>
__global__ void __launch_bounds__(kRankThreads, 2)
    select_and_rank_kernel(const __grid_constant__ RankParams params) {
  RankBlock block;
  select_and_rank<kCode>(block, params);
}

template <typename Params>
DeviceError launch_ranking(void (*kernel)(Params), std::uint32_t blocks, std::uint32_t shared_bytes,
                           const Params& params, cudaStream_t stream) {
  if (blocks == 0) return kSuccess;
  kernel<<<blocks, kRankThreads, shared_bytes, stream>>>(params);
  return cudaPeekAtLastError();
}

}  // namespace kleio::cuda
