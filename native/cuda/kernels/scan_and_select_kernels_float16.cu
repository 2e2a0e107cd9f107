#include "cuda/kernels/scan_and_select_kernels.cuh"
#include "cuda/kernels/search_launch.h"

namespace kleio::cuda {

DeviceError scan_and_select_float16(const ScanAndSelectParams& params, cudaStream_t stream) {
  return launch_scan_and_select<CodeType::kFloat16>(params, stream);
}

}  // namespace kleio::cuda
