#include "cuda/kernels/search_kernels.cuh"
#include "cuda/kernels/search_launch.h"

namespace kleio::cuda {

DeviceError scan_int8(const ScanParams& params, cudaStream_t stream) {
  return launch_scan<CodeType::kInt8>(params, stream);
}

DeviceError select_int8(const SelectParams& params, cudaStream_t stream) {
  return launch_select<CodeType::kInt8>(params, stream);
}

}  // namespace kleio::cuda
