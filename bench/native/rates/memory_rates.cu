// Bytes a second that a GPU moves: the floor of every search of few targets.
//
// A copy counts what it reads and what it writes. What stays in L2 is what fits there: the rows of
// 100 000 behaviours at 128 and 256 bytes are read again and again, past L1.
#include <cuda_runtime.h>

#include "cuda_check.h"
#include "rates/probe.h"

namespace kleio::bench {
namespace {

constexpr int kThreads = 256;
constexpr int kLoads = 8;  // of 16 bytes, that a thread has on their way
constexpr std::uint64_t kPieceWords = kThreads * kLoads;
constexpr std::size_t kLarge = std::size_t{1} << 30;

// Every block reads every gridDim-th piece, and goes on to the next pass without a pause.
__global__ void __launch_bounds__(kThreads)
    read_kernel(const uint4* memory, std::uint32_t pieces, std::uint32_t passes,
                std::uint32_t* unreached) {
  std::uint32_t seen = 0;
  for (std::uint32_t i = blockIdx.x; i < pieces * passes; i += gridDim.x) {
    const uint4* piece = memory + (i % pieces) * kPieceWords + threadIdx.x;
    uint4 loaded[kLoads];
#pragma unroll
    for (int n = 0; n < kLoads; ++n) loaded[n] = __ldcg(piece + n * kThreads);
#pragma unroll
    for (int n = 0; n < kLoads; ++n) {
      seen += loaded[n].x ^ loaded[n].y ^ loaded[n].z ^ loaded[n].w;
    }
  }
  if (seen == 0x9e3779b9u) *unreached = seen;
}

void measure_reading(const char* probe, const DeviceBytes& memory, std::size_t bytes,
                     std::uint32_t passes, unsigned blocks) {
  const DeviceBytes unreached(sizeof(std::uint32_t));
  const auto pieces = static_cast<std::uint32_t>(bytes / (kPieceWords * sizeof(uint4)));
  const double seconds = seconds_of([&](cudaStream_t stream) {
    read_kernel<<<blocks, kThreads, 0, stream>>>(memory.as<uint4>(), pieces, passes,
                                                 unreached.as<std::uint32_t>());
  });
  const double read = 1.0 * pieces * passes * kPieceWords * sizeof(uint4);
  report(probe, read / seconds * 1e-9, "gigabytes per second");
}

}  // namespace

bool measure_memory(const cudaDeviceProp& gpu) {
  const auto blocks = 8 * static_cast<unsigned>(gpu.multiProcessorCount);
  const DeviceBytes from(kLarge);
  {
    const DeviceBytes to(kLarge);
    const double seconds = seconds_of([&](cudaStream_t stream) {
      succeed(
          cudaMemcpyAsync(to.as<void>(), from.as<void>(), kLarge, cudaMemcpyDeviceToDevice, stream),
          "a copy");
    });
    report("device memory, copied", 2.0 * kLarge / seconds * 1e-9, "gigabytes per second");
  }
  measure_reading("device memory, read", from, kLarge, 1, blocks);
  measure_reading("L2, 12.8 MB read", from, 12'800'000, 200, blocks);
  measure_reading("L2, 25.6 MB read", from, 25'600'000, 100, blocks);
  return true;
}

}  // namespace kleio::bench
