#include <cuda_runtime.h>

#include "cuda/kernels/slot_changes.h"

namespace kleio::cuda {
namespace {

constexpr std::uint32_t kThreads = 128;

__global__ void __launch_bounds__(kThreads) change_slots(SlotChangeParams params) {
  const std::uint32_t index = blockIdx.x * kThreads + threadIdx.x;
  if (index < params.count) apply_change(params, index);
}

}  // namespace

DeviceError change_slots_cuda(const SlotChangeParams& params, StreamHandle stream) {
  const std::uint32_t blocks = (params.count + kThreads - 1) / kThreads;
  change_slots<<<blocks, kThreads, 0, static_cast<cudaStream_t>(stream.native)>>>(params);
  return cudaGetLastError();
}

}  // namespace kleio::cuda
