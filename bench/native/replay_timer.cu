#include <algorithm>
#include <chrono>

#include "cuda_check.h"
#include "replay_timer.h"

namespace kleio::bench {
namespace {

using Clock = std::chrono::steady_clock;

constexpr int kWarmUps = 2;
constexpr int kSamples = 30;
constexpr int kMinSamples = 7;
constexpr int kMaxTries = 300;
constexpr std::chrono::milliseconds kBudget{300};  // of a spread, once it has the least samples

constexpr std::size_t kFlushBytes = std::size_t{256} << 20;
constexpr int kFlushThreads = 256;
constexpr int kFlushLoads = 4;
constexpr auto kFlushBlocks =
    static_cast<unsigned>(kFlushBytes / (kFlushThreads * kFlushLoads * sizeof(uint4)));

// If the host should not come to open the gate, what is behind it runs all the same.
constexpr std::uint64_t kLongestHoldNs = 20'000'000;

__device__ std::uint64_t nanoseconds() {
  std::uint64_t now;
  asm volatile("mov.u64 %0, %globaltimer;" : "=l"(now));
  return now;
}

// Until the host writes `opened` to the gate.
__global__ void hold_kernel(const volatile std::uint32_t* gate, std::uint32_t opened) {
  const std::uint64_t began = nanoseconds();
  while (*gate != opened && nanoseconds() - began < kLongestHoldNs) {
  }
}

// Reads, so that what is pushed out of L2 need not be written back while something is timed.
__global__ void flush_kernel(const uint4* memory, std::uint32_t* unreached) {
  std::uint32_t seen = 0;
  const uint4* from = memory + blockIdx.x * (kFlushThreads * kFlushLoads) + threadIdx.x;
#pragma unroll
  for (int i = 0; i < kFlushLoads; ++i) {
    const uint4 words = __ldcg(from + i * kFlushThreads);
    seen |= words.x | words.y | words.z | words.w;
  }
  if (seen != 0) *unreached = 1;  // the memory holds zeros
}

Spread spread_of(std::vector<double> times) {
  std::sort(times.begin(), times.end());
  const auto at = [&](std::size_t tenths) { return times[(times.size() - 1) * tenths / 10]; };
  return {at(1), at(5), at(9)};
}

}  // namespace

class ReplayTimer::Graph {
 public:
  Graph(cudaStream_t stream, const Launch& launch) {
    succeed(cudaStreamBeginCapture(stream, cudaStreamCaptureModeThreadLocal), "a capture");
    launch(stream);
    cudaGraph_t graph = nullptr;
    succeed(cudaStreamEndCapture(stream, &graph), "a capture");
    succeed(cudaGraphInstantiate(&replayable_, graph, 0), "a graph");
    succeed(cudaGraphDestroy(graph), "a graph");
    succeed(cudaGraphUpload(replayable_, stream), "a graph");
  }
  ~Graph() { cudaGraphExecDestroy(replayable_); }
  Graph(const Graph&) = delete;
  Graph& operator=(const Graph&) = delete;

  void replay(cudaStream_t stream) const {
    succeed(cudaGraphLaunch(replayable_, stream), "a replay");
  }

 private:
  cudaGraphExec_t replayable_ = nullptr;
};

ReplayTimer::ReplayTimer() {
  succeed(cudaStreamCreateWithFlags(&stream_, cudaStreamNonBlocking), "a stream");
  succeed(cudaEventCreate(&begin_), "an event");
  succeed(cudaEventCreate(&end_), "an event");
  succeed(cudaMalloc(&flushing_, kFlushBytes), "memory to flush L2 with");
  succeed(cudaMemset(flushing_, 0, kFlushBytes), "memory to flush L2 with");
  succeed(cudaHostAlloc(&gate_, sizeof *gate_, cudaHostAllocMapped), "memory of the host");
  *gate_ = 0;
}

ReplayTimer::~ReplayTimer() {
  cudaFreeHost(gate_);
  cudaFree(flushing_);
  cudaEventDestroy(end_);
  cudaEventDestroy(begin_);
  cudaStreamDestroy(stream_);
}

Spread ReplayTimer::warm(const Launch& launch) const {
  const Graph graph(stream_, launch);
  return sample([] {}, [&] { graph.replay(stream_); }, kReplays);
}

Spread ReplayTimer::cold(const Launch& launch) const {
  const Graph graph(stream_, launch);
  return sample([&] { flush(); }, [&] { graph.replay(stream_); }, 1);
}

Spread ReplayTimer::warm_launches(const Launch& launch) const {
  return sample([] {}, [&] { launch(stream_); }, kReplays);
}

Spread ReplayTimer::sample(const std::function<void()>& before,
                           const std::function<void()>& enqueue, int times) const {
  std::vector<double> samples;
  const auto began = Clock::now();
  for (int tries = 0; samples.size() < kSamples; ++tries) {
    if (samples.size() >= kMinSamples && Clock::now() - began > kBudget) break;
    if (tries == kMaxTries) {
      std::fprintf(stderr, "the host was too slow, too often: its launches would be timed\n");
      std::exit(1);
    }
    hold();
    const auto held = Clock::now();
    before();
    succeed(cudaEventRecord(begin_, stream_), "an event");
    for (int n = 0; n < times; ++n) enqueue();
    succeed(cudaEventRecord(end_, stream_), "an event");
    let_go();
    const bool late = Clock::now() - held > std::chrono::nanoseconds(kLongestHoldNs);
    succeed(cudaStreamSynchronize(stream_), "a replay");
    float milliseconds = 0;
    succeed(cudaEventElapsedTime(&milliseconds, begin_, end_), "a time");
    if (tries >= kWarmUps && !late)
      samples.push_back(1e3 * static_cast<double>(milliseconds) / times);
  }
  return spread_of(std::move(samples));
}

void ReplayTimer::hold() const {
  hold_kernel<<<1, 1, 0, stream_>>>(gate_, ++let_through_);
  succeed(cudaPeekAtLastError(), "a gate");
}

void ReplayTimer::let_go() const {
  *static_cast<volatile std::uint32_t*>(gate_) = let_through_;
}

void ReplayTimer::flush() const {
  flush_kernel<<<kFlushBlocks, kFlushThreads, 0, stream_>>>(
      reinterpret_cast<const uint4*>(flushing_), flushing_);
  succeed(cudaPeekAtLastError(), "a flush");
}

}  // namespace kleio::bench
