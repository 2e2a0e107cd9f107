// The append kernel on a GPU, and its launch for one type of codes. Each append_kernels_<type>.cu
// instantiates it, so that the types compile side by side.
#pragma once

#include <cuda_runtime.h>

#include "cuda/kernels/append.cuh"
#include "cuda/kernels/execution_cuda.cuh"
#include "cuda/kernels/scan_shapes.cuh"
#include "cuda/kernels/search_kernels.h"

namespace kleio::cuda {

// Two thread blocks a multiprocessor: 128 registers a thread.
template <typename Shape>
__global__ void __launch_bounds__(kScanThreads, 2)
    append_kernel(const __grid_constant__ AppendParams params) {
  using Block = CudaBlock<kScanThreads>;
  Block block;
  Append<Block, Shape>(block, params).run();
}

template <CodeType kCode>
DeviceError launch_append(const AppendParams& params, cudaStream_t stream) {
  if (params.item_count == 0) return kSuccess;
  const std::uint32_t bytes = append_layout(params.stage_capacity).bytes;
  return with_append_shape<kCode>(params.search, [&]<typename Shape>() -> DeviceError {
    append_kernel<Shape><<<params.item_count, kScanThreads, bytes, stream>>>(params);
    return cudaPeekAtLastError();
  });
}

}  // namespace kleio::cuda
