// The memory of a GPU: plain allocations and copies. Managed memory would move under the times of
// kernels, and hides from a checker what the host has written.
#include <cuda_runtime_api.h>

#include <algorithm>
#include <cstdlib>

#include "kernel_tests/check.h"
#include "kernel_tests/kernel_memory.h"

namespace kleio::cuda::tests {
namespace {

void succeed(cudaError_t error, const char* what, std::size_t bytes) {
  require(error == cudaSuccess, "%s %zu bytes: %s", what, bytes, cudaGetErrorString(error));
}

}  // namespace

void* allocate(std::size_t bytes) {
  const std::size_t whole = std::max<std::size_t>(1, bytes);
  void* memory = nullptr;
  succeed(cudaMalloc(&memory, whole), "allocating", whole);
  // To a checker of what was written this is a write, so it can be left out.
  static const bool fills = std::getenv("KLEIO_TEST_UNFILLED") == nullptr;
  if (fills) succeed(cudaMemset(memory, 0xff, whole), "filling", whole);
  return memory;
}

void free_memory(void* memory) noexcept {
  cudaFree(memory);
}

void copy_to_device(void* device, const void* host, std::size_t bytes) {
  if (bytes > 0) succeed(cudaMemcpy(device, host, bytes, cudaMemcpyHostToDevice), "sending", bytes);
}

void copy_from_device(void* host, const void* device, std::size_t bytes) {
  if (bytes > 0)
    succeed(cudaMemcpy(host, device, bytes, cudaMemcpyDeviceToHost), "fetching", bytes);
}

}  // namespace kleio::cuda::tests
