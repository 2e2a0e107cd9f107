// Additions to counters a second: what hits cost that are listed one by one.
//
// A hit needs its place, so the old value is used. Global counters are those of 1000 targets, as
// lists have them, or one; shared ones those of 256 targets, or one for a whole block, as the
// append's staging has it.
#include <cuda_runtime.h>

#include "cuda_check.h"
#include "rates/probe.h"

namespace kleio::bench {
namespace {

constexpr unsigned kThreads = 256;
constexpr int kAdditions = 512;  // of a thread
constexpr std::uint32_t kShared = 256;
constexpr std::uint32_t kGlobal = 1000;

// Another of the counters each time, spread evenly.
__device__ __forceinline__ std::uint32_t next(std::uint32_t& state, std::uint32_t count) {
  state = state * 1664525u + 1013904223u;
  return __umulhi(state, count);
}

__global__ void __launch_bounds__(kThreads)
    global_kernel(std::uint32_t* counters, std::uint32_t count, std::uint32_t* unreached) {
  std::uint32_t state = (blockIdx.x * kThreads + threadIdx.x) * 2654435761u;
  std::uint32_t seen = 0;
  for (int i = 0; i < kAdditions; ++i) seen ^= atomicAdd(counters + next(state, count), 1u);
  if (seen == 0x9e3779b9u) *unreached = seen;
}

__global__ void __launch_bounds__(kThreads)
    shared_kernel(std::uint32_t count, std::uint32_t* unreached) {
  __shared__ std::uint32_t counters[kShared];
  counters[threadIdx.x] = 0;
  __syncthreads();
  std::uint32_t state = (blockIdx.x * kThreads + threadIdx.x) * 2654435761u;
  std::uint32_t seen = 0;
  for (int i = 0; i < kAdditions; ++i) seen ^= atomicAdd(counters + next(state, count), 1u);
  if (seen == 0x9e3779b9u) *unreached = seen;
}

}  // namespace

bool measure_atomics(const cudaDeviceProp& gpu) {
  const auto blocks = 8 * static_cast<unsigned>(gpu.multiProcessorCount);
  const DeviceBytes memory((kGlobal + 1) * sizeof(std::uint32_t));
  auto* const counters = memory.as<std::uint32_t>();
  auto* const unreached = counters + kGlobal;
  const auto measure = [&](const char* probe, const auto& launch) {
    memory.clear();
    const double seconds = seconds_of(launch);
    report(probe, 1.0 * blocks * kThreads * kAdditions / seconds * 1e-9,
           "thousand millions per second");
  };
  measure("global atomics on 1000 counters", [&](cudaStream_t on) {
    global_kernel<<<blocks, kThreads, 0, on>>>(counters, kGlobal, unreached);
  });
  measure("global atomics on 1 counter", [&](cudaStream_t on) {
    global_kernel<<<blocks, kThreads, 0, on>>>(counters, 1, unreached);
  });
  measure("shared atomics on 256 counters",
          [&](cudaStream_t on) { shared_kernel<<<blocks, kThreads, 0, on>>>(kShared, unreached); });
  measure("shared atomics on 1 counter",
          [&](cudaStream_t on) { shared_kernel<<<blocks, kThreads, 0, on>>>(1, unreached); });
  return true;
}

}  // namespace kleio::bench
