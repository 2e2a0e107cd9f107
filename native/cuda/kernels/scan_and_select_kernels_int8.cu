#include "cuda/kernels/scan_and_select_kernels.cuh"
#include "cuda/kernels/search_launch.h"

namespace kleio::cuda {

DeviceError scan_and_select_int8(const ScanAndSelectParams& params, cudaStream_t stream) {
  return launch_scan_and_select<CodeType::kInt8>(params, stream);
}

}  // namespace kleio::cuda
