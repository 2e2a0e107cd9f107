// What launches cost where kernels do nothing: the floor of every search of a short history.
//
// Device time is that of twenty in a row that were all queued before the first began
// (replay_timer.h). Dependent launches (compute capability 9.0) let a kernel begin as soon as the
// one before it has; it waits for that one's end before it would read. Round trips are the host's:
// from the call to the end of the wait.
#include <cuda_runtime.h>

#include <algorithm>
#include <chrono>
#include <string>
#include <vector>

#include "cuda_check.h"
#include "rates/probe.h"
#include "replay_timer.h"

namespace kleio::bench {
namespace {

constexpr unsigned kThreads = 256;
constexpr int kRoundTrips = 500;

__global__ void empty_kernel() {}

__global__ void dependent_kernel() {
#if defined(__CUDA_ARCH__) && __CUDA_ARCH__ >= 900
  cudaTriggerProgrammaticLaunchCompletion();
  cudaGridDependencySynchronize();
#endif
}

void launch_empty(unsigned blocks, cudaStream_t stream) {
  empty_kernel<<<blocks, kThreads, 0, stream>>>();
  succeed(cudaPeekAtLastError(), "an empty kernel");
}

// The first of a graph waits for nothing but the graph before.
void launch_dependent(unsigned blocks, bool first, cudaStream_t stream) {
  cudaLaunchAttribute early{};
  early.id = cudaLaunchAttributeProgrammaticStreamSerialization;
  early.val.programmaticStreamSerializationAllowed = 1;
  cudaLaunchConfig_t config{};
  config.gridDim = dim3(blocks);
  config.blockDim = dim3(kThreads);
  config.stream = stream;
  config.attrs = &early;
  config.numAttrs = first ? 0 : 1;
  succeed(cudaLaunchKernelEx(&config, dependent_kernel), "a dependent launch");
}

std::string counted(int kernels) {
  return std::to_string(kernels) + (kernels == 1 ? " kernel" : " kernels");
}

// Median microseconds of the host.
double round_trip_us(unsigned blocks) {
  using Clock = std::chrono::steady_clock;
  std::vector<double> times;
  for (int i = 0; i < kRoundTrips; ++i) {
    const auto began = Clock::now();
    launch_empty(blocks, nullptr);
    succeed(cudaStreamSynchronize(nullptr), "a round trip");
    times.push_back(std::chrono::duration<double, std::micro>(Clock::now() - began).count());
  }
  std::ranges::sort(times);
  return times[times.size() / 2];
}

}  // namespace

bool measure_launches(const cudaDeviceProp& gpu) {
  const auto blocks = static_cast<unsigned>(gpu.multiProcessorCount);
  const ReplayTimer timer;
  constexpr const char* kUnit = "microseconds";
  report("empty kernel, launched",
         timer.warm_launches([&](cudaStream_t on) { launch_empty(blocks, on); }).median, kUnit);
  for (const int kernels : {1, 2, 4}) {
    const auto launch = [&](cudaStream_t on) {
      for (int i = 0; i < kernels; ++i) launch_empty(blocks, on);
    };
    report("graph of " + counted(kernels), timer.warm(launch).median, kUnit);
    if (kernels == 1)
      report("graph of 1 kernel, between two events", timer.cold(launch).median, kUnit);
  }
  // Before it is captured, so that it is loaded by then.
  if (gpu.major >= 9) launch_dependent(blocks, true, nullptr);
  for (const int kernels : {2, 4}) {
    const std::string probe = "graph of " + counted(kernels) + ", dependent launches";
    if (gpu.major < 9) {
      skip(probe, "they need compute capability 9.0");
      continue;
    }
    const auto launch = [&](cudaStream_t on) {
      for (int i = 0; i < kernels; ++i) launch_dependent(blocks, i == 0, on);
    };
    report(probe, timer.warm(launch).median, kUnit);
  }
  report("empty kernel, round trip of the host", round_trip_us(blocks), kUnit);
  return true;
}

}  // namespace kleio::bench
