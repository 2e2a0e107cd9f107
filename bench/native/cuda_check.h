// Ends a program with a message where CUDA refuses.
#pragma once

#include <cuda_runtime_api.h>

#include <cstdio>
#include <cstdlib>

namespace kleio::bench {

// `error` is a cudaError_t, or the DeviceError that holds one.
inline void succeed(int error, const char* what) {
  if (error == cudaSuccess) return;
  std::fprintf(stderr, "%s: %s\n", what, cudaGetErrorString(static_cast<cudaError_t>(error)));
  std::exit(1);
}

// Of device 0. Ends the program where there is none that CUDA can use.
inline cudaDeviceProp properties_of_gpu() {
  int count = 0;
  const cudaError_t error = cudaGetDeviceCount(&count);
  if (error != cudaSuccess || count == 0) {
    std::fprintf(stderr, "there is no GPU that CUDA can use: %s\n",
                 error == cudaSuccess ? "no device" : cudaGetErrorString(error));
    std::exit(1);
  }
  cudaDeviceProp properties;
  succeed(cudaGetDeviceProperties(&properties, 0), "device 0");
  return properties;
}

}  // namespace kleio::bench
