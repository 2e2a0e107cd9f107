#include "cuda/kernels/append_kernels.cuh"
#include "cuda/kernels/search_launch.h"

namespace kleio::cuda {

DeviceError append_int8(const AppendParams& params, cudaStream_t stream) {
  return launch_append<CodeType::kInt8>(params, stream);
}

}  // namespace kleio::cuda
