#include "cuda/search_kernels.cuh"

namespace kleio::cuda {

template DeviceError launch_scan<CodeType::kInt8>(const ScanParams&, cudaStream_t);
template DeviceError launch_select<CodeType::kInt8>(const SelectParams&, cudaStream_t);

}  // namespace kleio::cuda
