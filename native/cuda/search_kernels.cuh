// The search kernels on a GPU, and their launch for one type of codes. Each
// search_kernels_<type>.cu instantiates them, so that the types compile side by side.
#pragma once

#include <cuda_runtime.h>

#include "cuda/execution_cuda.cuh"
#include "cuda/scan.cuh"
#include "cuda/scan_shapes.cuh"
#include "cuda/search_kernels.h"
#include "cuda/select.cuh"

namespace kleio::cuda {

using ScanBlock = CudaBlock<kScanThreads>;
using SelectBlock = CudaBlock<kSelectThreads>;

// Two thread blocks a multiprocessor: 128 registers a thread.
template <typename Shape>
__global__ void __launch_bounds__(kScanThreads, 2)
    scan_kernel(const __grid_constant__ ScanParams params) {
  ScanBlock block;
  Scan<ScanBlock, Shape>(block, params).run();
}

template <CodeType kCode>
__global__ void __launch_bounds__(kSelectThreads, 2)
    select_kernel(const __grid_constant__ SelectParams params) {
  SelectBlock block;
  Select<SelectBlock, kCode> select(block, params, block.index());
  if (!select.is_padding()) select.write(select.run());
}

template <CodeType kCode>
DeviceError launch_scan(const ScanParams& params, cudaStream_t stream) {
  if (params.item_count == 0) return kSuccess;
  return with_scan_shape<kCode>(params.search, [&]<typename Shape>() -> DeviceError {
    scan_kernel<Shape><<<params.item_count, kScanThreads, 0, stream>>>(params);
    return cudaPeekAtLastError();
  });
}

template <CodeType kCode>
DeviceError launch_select(const SelectParams& params, cudaStream_t stream) {
  if (params.search.targets.count == 0) return kSuccess;
  const std::size_t shared_bytes = select_layout(kSelectThreads, params.k).bytes;
  select_kernel<kCode>
      <<<params.search.targets.count, kSelectThreads, shared_bytes, stream>>>(params);
  return cudaPeekAtLastError();
}

}  // namespace kleio::cuda
