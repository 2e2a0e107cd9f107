#include <cuda_runtime.h>

#include "cuda_check.h"
#include "rates/probe.h"

namespace kleio::bench {
namespace {

__global__ void draw_kernel(std::uint32_t* words, std::uint64_t count) {
  const std::uint64_t stride = std::uint64_t{gridDim.x} * blockDim.x;
  for (std::uint64_t i = std::uint64_t{blockIdx.x} * blockDim.x + threadIdx.x; i < count;
       i += stride) {
    std::uint32_t hash = static_cast<std::uint32_t>(i ^ i >> 32) * 0x9e3779b9u;
    hash = (hash ^ hash >> 16) * 0x85ebca6bu;
    hash = (hash ^ hash >> 13) * 0xc2b2ae35u;
    words[i] = hash ^ hash >> 16;
  }
}

}  // namespace

DeviceBytes::DeviceBytes(std::size_t bytes) : bytes_((bytes + 15) / 16 * 16) {
  succeed(cudaMalloc(&memory_, bytes_), "memory");
  draw_kernel<<<1024, 256>>>(as<std::uint32_t>(), bytes_ / sizeof(std::uint32_t));
  succeed(cudaPeekAtLastError(), "drawing");
}

}  // namespace kleio::bench
