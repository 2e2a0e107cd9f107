// The kernel that scans and selects on a GPU, and its launch for one type of codes. Each
// scan_and_select_kernels_<type>.cu instantiates it, so that the types compile side by side.
#pragma once

#include <cuda_runtime.h>

#include "cuda/kernels/execution_cuda.cuh"
#include "cuda/kernels/scan_and_select.cuh"
#include "cuda/kernels/scan_shapes.cuh"
#include "cuda/kernels/search_kernels.h"

namespace kleio::cuda {

// Two thread blocks a multiprocessor: 128 registers a thread.
template <typename Shape>
__global__ void __launch_bounds__(kScanThreads, 2)
    scan_and_select_kernel(const __grid_constant__ ScanAndSelectParams params) {
  CudaBlock<kScanThreads> block;
  scan_and_select<Shape>(block, params);
}

template <CodeType kCode>
DeviceError launch_scan_and_select(const ScanAndSelectParams& params, cudaStream_t stream) {
  if (params.scan.item_count == 0) return kSuccess;
  const std::uint32_t bytes = select_layout(kScanThreads, params.select.k).bytes;
  return with_resident_shape<kCode>(params.scan.search, [&]<typename Shape>() -> DeviceError {
    scan_and_select_kernel<Shape><<<params.scan.item_count, kScanThreads, bytes, stream>>>(params);
    return cudaPeekAtLastError();
  });
}

}  // namespace kleio::cuda
