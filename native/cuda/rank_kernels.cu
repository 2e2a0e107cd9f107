#include <cuda_runtime.h>

#include "cuda/attend.cuh"
#include "cuda/execution_cuda.cuh"
#include "cuda/rank.cuh"
#include "cuda/rank_kernels.h"

namespace kleio::cuda {
namespace {

class CudaRankBlock : public CudaBlock<kRankThreads> {
 public:
  // True in the last of `expected` blocks to come here: it sees what all of them wrote. The counter
  // is 0 again afterwards.
  __device__ __forceinline__ bool arrives_last(std::uint32_t* arrivals,
                                               std::uint32_t expected) const {
    __syncthreads();
    int last = 0;
    if (threadIdx.x == 0) {
      __threadfence();
      last = atomicAdd(arrivals, 1u) == expected - 1;
      if (last != 0) *arrivals = 0;
      __threadfence();
    }
    return __syncthreads_or(last) != 0;
  }
};

__global__ void __launch_bounds__(kRankThreads, 2)
    rank_kernel(const __grid_constant__ RankParams params) {
  CudaRankBlock block;
  rank(block, params);
}

__global__ void __launch_bounds__(kRankThreads, 2)
    attend_kernel(const __grid_constant__ AttendParams params) {
  CudaRankBlock block;
  attend(block, params);
}

template <typename Params>
DeviceError launch(void (*kernel)(Params), const Params& params, StreamHandle stream) {
  if (params.count == 0) return kSuccess;
  kernel<<<params.count, kRankThreads, params.plan.shared_bytes,
           static_cast<cudaStream_t>(stream.native)>>>(params);
  return cudaPeekAtLastError();
}

}  // namespace

DeviceError rank_cuda(const RankParams& params, StreamHandle stream) {
  return launch(rank_kernel, params, stream);
}

DeviceError attend_cuda(const AttendParams& params, StreamHandle stream) {
  return launch(attend_kernel, params, stream);
}

}  // namespace kleio::cuda
