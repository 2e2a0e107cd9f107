#include "cuda/kernels/search_kernels.cuh"
#include "cuda/kernels/search_launch.h"

namespace kleio::cuda {

DeviceError scan_float16(const ScanParams& params, cudaStream_t stream) {
  return launch_scan<CodeType::kFloat16>(params, stream);
}

DeviceError select_float16(const SelectParams& params, cudaStream_t stream) {
  return launch_select<CodeType::kFloat16>(params, stream);
}

}  // namespace kleio::cuda
