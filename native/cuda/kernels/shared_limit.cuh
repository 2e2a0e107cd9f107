// How much shared memory a kernel may use.
#pragma once

#include <cuda_runtime.h>

#include "cuda/kernels/kernel_table.h"

namespace kleio::cuda {

// Lets a kernel use all the shared memory that a block of this device may have.
template <typename Params>
DeviceError lift_shared_limit(void (*kernel)(Params)) {
  int device = 0, limit = 0;
  if (const cudaError_t error = cudaGetDevice(&device); error != cudaSuccess) return error;
  if (const cudaError_t error =
          cudaDeviceGetAttribute(&limit, cudaDevAttrMaxSharedMemoryPerBlockOptin, device);
      error != cudaSuccess) {
    return error;
  }
  return cudaFuncSetAttribute(kernel, cudaFuncAttributeMaxDynamicSharedMemorySize, limit);
}

}  // namespace kleio::cuda
