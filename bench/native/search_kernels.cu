// Times the search kernels on a GPU: what the device does, without host and without JavaScript.
//
//   native/test-kernels.sh gpu-times [ROWS TARGETS DIM K DTYPE]     DTYPE: int8, bfloat16, float32
//
// Every answer's first targets are compared with the definition before any time is printed. A time
// is the median of replays of a graph of all kernels, or of the one that scans and selects; "cold"
// replays follow a write of 256 MB. Prints one JSON object a shape and way of searching: by blocks,
// and by lists where that could pay.
#include <cuda_runtime.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <functional>
#include <string>
#include <vector>

#include "cuda/kernels/search_kernels.h"
#include "kernel_tests/check.h"
#include "kernel_tests/device_search.h"
#include "kernel_tests/equality.h"

namespace {

using namespace kleio;
using namespace kleio::cuda;
using namespace kleio::cuda::tests;

constexpr int kReplays = 100;
constexpr std::size_t kFlushBytes = std::size_t{256} << 20;
constexpr std::size_t kCheckedTargets = 3;
constexpr std::uint32_t kMostOneLaunchTargets = 8;

struct Shape {
  std::uint32_t rows, targets, dim, k;
  Dtype dtype;
};

constexpr Shape kShapes[] = {
    {10'000, 1, 128, 50, Dtype::kInt8},         {100'000, 1, 128, 50, Dtype::kInt8},
    {100'000, 2, 128, 50, Dtype::kInt8},        {100'000, 8, 128, 50, Dtype::kInt8},
    {100'000, 16, 128, 50, Dtype::kInt8},       {100'000, 100, 128, 50, Dtype::kInt8},
    {100'000, 1000, 128, 50, Dtype::kInt8},     {100'000, 2000, 128, 50, Dtype::kInt8},
    {100'000, 1000, 128, 1024, Dtype::kInt8},   {1'000'000, 1, 128, 50, Dtype::kInt8},
    {1'000'000, 16, 128, 50, Dtype::kInt8},     {1'000'000, 1000, 128, 50, Dtype::kInt8},
    {100'000, 1000, 128, 50, Dtype::kBfloat16}, {100'000, 1000, 128, 50, Dtype::kFloat32},
};

void succeed(int error, const char* what) {
  require(error == cudaSuccess, "%s: %s", what,
          cudaGetErrorString(static_cast<cudaError_t>(error)));
}

SearchCase make_case(const Shape& shape) {
  Random random(20251);
  SearchCase search;
  search.family = "gaussian";
  search.dtype = shape.dtype;
  search.dim = shape.dim;
  search.rows = shape.rows;
  search.k = shape.k;
  search.table.reserve(std::size_t{shape.rows} * search.view().row_stride_bytes());
  for (std::uint32_t row = 0; row < shape.rows; ++row) {
    const auto values = random_row(random, search, row);
    search.table.insert(search.table.end(), values.begin(), values.end());
  }
  UserCase& user = search.users.emplace_back();
  user.packed = true;
  user.slots = shape.rows;
  for (std::uint32_t t = 0; t < shape.targets; ++t) {
    user.targets.push_back(random_row(random, search, t));
  }
  return search;
}

class Timer {
 public:
  Timer() {
    succeed(cudaStreamCreate(&stream_), "a stream");
    succeed(cudaEventCreate(&begin_), "an event");
    succeed(cudaEventCreate(&end_), "an event");
    succeed(cudaMalloc(&flushed_, kFlushBytes), "memory to flush the cache with");
  }
  ~Timer() {
    cudaFree(flushed_);
    cudaEventDestroy(begin_);
    cudaEventDestroy(end_);
    cudaStreamDestroy(stream_);
  }
  Timer(const Timer&) = delete;
  Timer& operator=(const Timer&) = delete;

  // Median microseconds of what `launch` puts on a stream.
  double median(const std::function<void(StreamHandle)>& launch, bool cold) const {
    cudaGraph_t graph = nullptr;
    cudaGraphExec_t replayable = nullptr;
    succeed(cudaStreamBeginCapture(stream_, cudaStreamCaptureModeThreadLocal), "a capture");
    launch({stream_});
    succeed(cudaStreamEndCapture(stream_, &graph), "a capture");
    succeed(cudaGraphInstantiate(&replayable, graph, 0), "a graph");
    std::vector<float> times;
    for (int i = -5; i < kReplays; ++i) {
      if (cold) succeed(cudaMemsetAsync(flushed_, i, kFlushBytes, stream_), "a flush");
      succeed(cudaEventRecord(begin_, stream_), "an event");
      succeed(cudaGraphLaunch(replayable, stream_), "a replay");
      succeed(cudaEventRecord(end_, stream_), "an event");
      succeed(cudaStreamSynchronize(stream_), "a replay");
      float milliseconds = 0;
      succeed(cudaEventElapsedTime(&milliseconds, begin_, end_), "a time");
      if (i >= 0) times.push_back(milliseconds);  // the first ones warm up
    }
    succeed(cudaGraphExecDestroy(replayable), "a graph");
    succeed(cudaGraphDestroy(graph), "a graph");
    std::ranges::sort(times);
    return 1e3 * static_cast<double>(times[times.size() / 2]);
  }

 private:
  cudaStream_t stream_ = nullptr;
  cudaEvent_t begin_ = nullptr, end_ = nullptr;
  void* flushed_ = nullptr;
};

void check(const SearchCase& search, const DeviceSearch& device) {
  SearchCase few = search;
  auto& targets = few.users[0].targets;
  targets.resize(std::min(targets.size(), kCheckedTargets));
  DeviceAnswer found;
  for (std::size_t t = 0; t < targets.size(); ++t) found.kept.push_back(device.kept(t));
  require_equal(few, found, answers(few), "on the GPU");
}

// 0 where nothing would take one launch.
double time_one_launch(const SearchCase& search, const DeviceSearch& device, const Timer& timer) {
  const ScanAndSelectParams* both = device.scan_and_select();
  if (both == nullptr || search.users[0].targets.size() > kMostOneLaunchTargets) return 0;
  succeed(scan_and_select_cuda(*both, {}), "scan and select");
  succeed(cudaDeviceSynchronize(), "a search");
  check(search, device);
  const auto launch = [&](StreamHandle on) {
    succeed(scan_and_select_cuda(*both, on), "scan and select");
  };
  return timer.median(launch, false);
}

// Of what a search launches, all or the launch that multiplies all rows.
void launch_all(const DeviceSearch& device, StreamHandle on) {
  succeed(scan_cuda(device.scan(), on), "the scan");
  if (device.has_lists()) {
    succeed(threshold_cuda(device.threshold(), on), "the threshold");
    succeed(append_cuda(device.append(), on), "the append");
  }
  succeed(select_cuda(device.select(), on), "the select");
}

// The append adds to the counts that a threshold cleared.
void launch_main_scan(const DeviceSearch& device, StreamHandle on) {
  if (device.has_lists()) {
    succeed(threshold_cuda(device.threshold(), on), "the threshold");
    succeed(append_cuda(device.append(), on), "the append");
  } else {
    succeed(scan_cuda(device.scan(), on), "the scan");
  }
}

void time_search(const Shape& shape, const SearchCase& search, const Timer& timer,
                 const Execution& execution) {
  const DeviceSearch device(search, execution);
  const bool lists = device.has_lists();
  if (!lists && execution.search != CandidateSearch::kBlocks) return;  // it would not pay
  launch_all(device, {});
  succeed(cudaDeviceSynchronize(), "a search");
  check(search, device);

  const auto scan = [&](StreamHandle on) { launch_main_scan(device, on); };
  const auto all = [&](StreamHandle on) { launch_all(device, on); };
  const double scan_us = timer.median(scan, false);
  const double warm_us = timer.median(all, false);
  const double cold_us = timer.median(all, true);
  const double one_launch_us = time_one_launch(search, device, timer);
  const double pairs = 1.0 * shape.rows * shape.targets;
  const double read = 1.0 * shape.rows * device.scan().search.table.code_row_bytes;
  std::printf(
      "{\"rows\": %u, \"targets\": %u, \"dim\": %u, \"k\": %u, \"dtype\": \"%s\", "
      "\"search\": \"%s\", \"scanUs\": %.2f, \"searchUs\": %.2f, \"searchColdUs\": %.2f, "
      "\"oneLaunchUs\": %.2f, \"scanTeraops\": %.1f, \"scanGigabytesPerSecond\": %.0f}\n",
      shape.rows, shape.targets, shape.dim, shape.k, name_of(shape.dtype),
      lists ? "lists" : "blocks", scan_us, warm_us, cold_us, one_launch_us,
      2 * pairs * shape.dim / scan_us * 1e-6, read / scan_us * 1e-3);
  std::fflush(stdout);
}

// `lists`: which shapes are searched by lists too.
void time_shape(const Shape& shape, const Timer& timer, std::uint32_t multiprocessors,
                CandidateSearch lists) {
  const SearchCase search = make_case(shape);
  Execution execution;
  execution.multiprocessors = multiprocessors;
  for (const CandidateSearch way : {CandidateSearch::kBlocks, lists}) {
    execution.search = way;
    time_search(shape, search, timer, execution);
  }
}

Dtype dtype_of(const std::string& name) {
  for (const Dtype dtype : {Dtype::kInt8, Dtype::kFloat16, Dtype::kBfloat16, Dtype::kFloat32}) {
    if (name == name_of(dtype)) return dtype;
  }
  require(false, "no dtype is called %s", name.c_str());
  return Dtype::kInt8;
}

}  // namespace

int main(int count, char** arguments) {
  cudaDeviceProp properties;
  succeed(cudaGetDeviceProperties(&properties, 0), "device 0");
  const auto multiprocessors = static_cast<std::uint32_t>(properties.multiProcessorCount);
  const Timer timer;
  if (count == 6) {
    const auto number = [&](int i) {
      return static_cast<std::uint32_t>(std::strtoul(arguments[i], nullptr, 10));
    };
    time_shape({number(1), number(2), number(3), number(4), dtype_of(arguments[5])}, timer,
               multiprocessors, CandidateSearch::kLists);
    return 0;
  }
  require(count == 1, "usage: native/test-kernels.sh gpu-times [ROWS TARGETS DIM K DTYPE]");
  for (const Shape& shape : kShapes) {
    time_shape(shape, timer, multiprocessors, CandidateSearch::kComputed);
  }
  return 0;
}
