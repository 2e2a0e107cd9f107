// The append with wgmma on a GPU, and its launch.
#include <cuda_runtime.h>

#include "cuda/kernels/execution_cuda.cuh"
#include "cuda/kernels/search_kernels.h"
#include "cuda/kernels/search_launch.h"
#include "cuda/kernels/shared_limit.cuh"
#include "cuda/kernels/wgmma_append.cuh"

namespace kleio::cuda {
namespace {

// One thread block a multiprocessor: 255 registers a thread, of which sums take 128.
template <std::uint32_t kRowBytes>
__global__ void __launch_bounds__(kWgmmaAppendThreads, 1)
    wgmma_append_kernel(const __grid_constant__ AppendParams params) {
#if KLEIO_HAS_WGMMA
  CudaBlock<kWgmmaAppendThreads> block;
  WgmmaAppend<CudaBlock<kWgmmaAppendThreads>, kRowBytes>(block, params).run();
#else
  __trap();  // of a GPU that was given other code than its own: rather an error than empty lists
#endif
}

}  // namespace

DeviceError prepare_append_cuda() {
  const DeviceError error = lift_shared_limit(wgmma_append_kernel<64>);
  return error != kSuccess ? error : lift_shared_limit(wgmma_append_kernel<128>);
}

DeviceError append_wgmma(const AppendParams& params, cudaStream_t stream) {
  if (params.item_count == 0) return kSuccess;
  const auto kernel =
      params.search.table.code_row_bytes == 64 ? wgmma_append_kernel<64> : wgmma_append_kernel<128>;
  kernel<<<params.item_count, kWgmmaAppendThreads, wgmma_append_layout(params.stage_capacity).bytes,
           stream>>>(params);
  return cudaPeekAtLastError();
}

}  // namespace kleio::cuda
