// The search kernels on a GPU, and their launch for one type of codes. Each
// search_kernels_<type>.cu instantiates them, so that the types compile side by side.
#pragma once

#include <cuda_runtime.h>

#include "cuda/kernels/execution_cuda.cuh"
#include "cuda/kernels/scan.cuh"
#include "cuda/kernels/scan_shapes.cuh"
#include "cuda/kernels/search_kernels.h"
#include "cuda/kernels/select.cuh"

namespace kleio::cuda {

using ScanBlock = CudaBlock<kScanThreads>;

// Two thread blocks a multiprocessor: 128 registers a thread.
template <typename Shape>
__global__ void __launch_bounds__(kScanThreads, 2)
    scan_kernel(const __grid_constant__ ScanParams params) {
  ScanBlock block;
  Scan<ScanBlock, Shape>(block, params).run();
}

template <CodeType kCode, std::uint32_t kThreads>
__global__ void __launch_bounds__(kThreads, 512 / kThreads)
    select_kernel(const __grid_constant__ SelectParams params) {
  using Block = CudaBlock<kThreads>;
  Block block;
  Select<Block, kCode> select(block, params, block.index());
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
  const std::uint32_t targets = params.search.targets.count;
  if (targets == 0) return kSuccess;
  const std::uint32_t threads = is_wide_select(targets) ? kWideSelectThreads : kSelectThreads;
  const auto kernel = is_wide_select(targets) ? select_kernel<kCode, kWideSelectThreads>
                                              : select_kernel<kCode, kSelectThreads>;
  kernel<<<targets, threads, select_layout(threads, params.k).bytes, stream>>>(params);
  return cudaPeekAtLastError();
}

}  // namespace kleio::cuda
