#include "cuda/search_kernels.cuh"

namespace kleio::cuda {

template DeviceError launch_scan<CodeType::kBfloat16>(const ScanParams&, cudaStream_t);
template DeviceError launch_select<CodeType::kBfloat16>(const SelectParams&, cudaStream_t);

}  // namespace kleio::cuda
