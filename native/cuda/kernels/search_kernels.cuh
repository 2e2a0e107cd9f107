// The search kernels on a GPU, and their launch for one type of codes. Each
// search_kernels_<type>.cu instantiates them, so that the types compile side by side.
#pragma once

#include <cuda_runtime.h>

#include "cuda/kernels/execution_cuda.cuh"
#include "cuda/kernels/execution_cuda_warp.cuh"
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

// A target by a warp. Warps of a thread block share nothing, so those without a target leave. Four
// thread blocks a multiprocessor: 128 registers a thread, 16 targets under way.
template <CodeType kCode>
__global__ void __launch_bounds__(kMaxSelectWarps* kWarpLanes, kSelectWarpBlocks)
    select_warp_kernel(const __grid_constant__ SelectParams params) {
  CudaWarp warp(select_layout(kWarpLanes, params.k).bytes);
  if (warp.index() >= params.search.targets.count) return;
  Select<CudaWarp, kCode> select(warp, params, warp.index());
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
DeviceError launch_select_by_warps(const SelectParams& params, cudaStream_t stream) {
  const std::uint32_t warps = select_warps(params.k);
  const std::uint32_t blocks = select_warp_blocks(params.search.targets.count, params.k);
  const std::uint32_t bytes = warps * select_layout(kWarpLanes, params.k).bytes;
  select_warp_kernel<kCode><<<blocks, warps * kWarpLanes, bytes, stream>>>(params);
  return cudaPeekAtLastError();
}

template <CodeType kCode>
DeviceError launch_select(const SelectParams& params, cudaStream_t stream) {
  const std::uint32_t targets = params.search.targets.count;
  if (targets == 0) return kSuccess;
  if (params.width == SelectWidth::kWarp) return launch_select_by_warps<kCode>(params, stream);
  const std::uint32_t threads = is_wide_select(targets) ? kWideSelectThreads : kSelectThreads;
  const auto kernel = is_wide_select(targets) ? select_kernel<kCode, kWideSelectThreads>
                                              : select_kernel<kCode, kSelectThreads>;
  kernel<<<targets, threads, select_layout(threads, params.k).bytes, stream>>>(params);
  return cudaPeekAtLastError();
}

}  // namespace kleio::cuda
