// A CUDA runtime that does nothing but what a test tells it: what CudaDevice makes of the answers
// of a driver can be seen without one.
#pragma once

#include <cuda_runtime_api.h>

#include <map>
#include <string>
#include <vector>

namespace kleio::cuda::tests {

struct PlayedRuntime {
  bool has_pools = true;
  std::map<std::string, cudaError_t> answers;  // by function; once, then it succeeds again
  std::vector<std::string> calls;              // functions in the order they were called
  cudaError_t last_error = cudaSuccess;        // as cudaPeekAtLastError has it

  // Notes the call and gives its answer, which becomes the last error if it is one.
  cudaError_t play(const std::string& function);
};

// The one that the functions of the runtime play.
PlayedRuntime& played() noexcept;

}  // namespace kleio::cuda::tests
