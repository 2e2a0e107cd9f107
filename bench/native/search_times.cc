// Times the search kernels on a GPU: what the device does, without host and without JavaScript.
//
//   search_times [ROWSxTARGETSxDIMxKxDTYPE[:blocks|:lists][:warp][:wgmma] ...]
//
// DTYPE: int8, bfloat16 and so on. Without shapes: those below, the most telling first.
// Said neither, a shape is searched by blocks, and by lists where that could pay. warp: a warp
// selects for a target, not a thread block; wgmma: the append multiplies by it.
//
// Prints one JSON object a line as soon as it is known, one for each shape and way of searching.
// Its first targets have been compared with the definition before. Microseconds of the device,
// medians (replay_timer.h says how), by step and of the whole search:
//
//   searchUs, scanUs, selectUs                              by blocks
//   searchUs, sampleUs, thresholdUs, appendUs, selectUs     by lists; an append clears no lists, so
//                                       its time is what it adds to that of the threshold
//   oneLaunchUs                         scan and select in one launch, where they can
//   ...ColdUs                           the same with L2 full of other memory, a replay at a time:
//                                       two events count, too
//   p10Us, p90Us                        by the same names, without Us
//   teraops, gigabytesPerSecond         of the launch that multiplies all rows, warm
//   skipped                             in place of times: why there are none
// Exit status: 0, 1 where an answer is wrong or CUDA fails, 2 where a shape is not understood.
#include <algorithm>
#include <array>
#include <bit>
#include <cstdio>
#include <string>
#include <utility>
#include <vector>

#include "cuda/kernels/search_kernels.h"
#include "cuda_check.h"
#include "drawn_search.h"
#include "json_object.h"
#include "kernel_tests/device_search.h"
#include "replay_timer.h"
#include "search_shape.h"

namespace kleio::bench {
namespace {

using cuda::StreamHandle;
using cuda::tests::DeviceSearch;
using cuda::tests::Kept;
using cuda::tests::SearchCase;

constexpr std::size_t kCheckedTargets = 3;
constexpr std::size_t kMaxOneLaunchTargets = 8;

constexpr std::array kShapes = {
    "100000x1000x128x50xint8",   "100000x1x128x50xint8",        "100000x100x128x50xint8",
    "100000x2000x128x50xint8",   "100000x16x128x50xint8",       "1000000x1000x128x50xint8",
    "1000000x1x128x50xint8",     "100000x1000x128x50xbfloat16", "100000x1000x128x50xfloat32",
    "100000x1000x128x1024xint8", "100000x8x128x50xint8",        "100000x2x128x50xint8",
    "10000x1x128x50xint8",       "10000x1000x128x50xint8",      "1000000x16x128x50xint8",
};

// A part of a search that can be replayed by itself.
struct Step {
  std::string name;
  ReplayTimer::Launch launch;
  // Launched before it each time, and its time taken off.
  ReplayTimer::Launch after = nullptr;
};

StreamHandle handle(cudaStream_t stream) {
  return {stream};
}

void launch_scan(const DeviceSearch& device, cudaStream_t on) {
  succeed(scan_cuda(device.scan(), handle(on)), "the scan");
}
void launch_threshold(const DeviceSearch& device, cudaStream_t on) {
  succeed(threshold_cuda(device.threshold(), handle(on)), "the threshold");
}
void launch_append(const DeviceSearch& device, cudaStream_t on) {
  succeed(append_cuda(device.append(), handle(on)), "the append");
}
void launch_select(const DeviceSearch& device, cudaStream_t on) {
  succeed(select_cuda(device.select(), handle(on)), "the select");
}

void launch_search(const DeviceSearch& device, cudaStream_t on) {
  launch_scan(device, on);
  if (device.has_lists()) {
    launch_threshold(device, on);
    launch_append(device, on);
  }
  launch_select(device, on);
}

// The whole first: it leaves what each of the others begins with.
std::vector<Step> steps_of(const DeviceSearch& device) {
  const auto step = [&](auto launch) {
    return [&, launch](cudaStream_t on) { launch(device, on); };
  };
  std::vector<Step> steps{{"search", step(launch_search)}};
  steps.push_back({device.has_lists() ? "sample" : "scan", step(launch_scan)});
  if (device.has_lists()) {
    steps.push_back({"threshold", step(launch_threshold)});
    steps.push_back({"append", step(launch_append), step(launch_threshold)});
  }
  steps.push_back({"select", step(launch_select)});
  return steps;
}

Spread time_step(const ReplayTimer& timer, const Step& step, bool cold) {
  const auto time = [&](const ReplayTimer::Launch& launch) {
    return cold ? timer.cold(launch) : timer.warm(launch);
  };
  if (!step.after) return time(step.launch);
  const double before = time(step.after).median;
  Spread both = time([&](cudaStream_t on) {
    step.after(on);
    step.launch(on);
  });
  for (double* value : {&both.p10, &both.median, &both.p90}) *value -= before;
  return both;
}

// Of a shape and a way of searching: a line of output.
class Times {
 public:
  Times(const cudaDeviceProp& gpu, const SearchShape& shape, const DeviceSearch& device,
        const char* search)
      : operations_(2.0 * shape.rows * shape.targets * shape.dim),
        bytes_(1.0 * shape.rows * device.scan().search.table.code_row_bytes) {
    line_.text("device", gpu.name);
    line_.number("rows", shape.rows);
    line_.number("targets", shape.targets);
    line_.number("dim", shape.dim);
    line_.number("k", shape.k);
    line_.text("dtype", name_of(shape.dtype));
    line_.text("search", search);
    line_.text("select", shape.select == SelectWidth::kWarp ? "warp" : "block");
    if (shape.wgmma || device.has_lists()) line_.text("append", shape.wgmma ? "wgmma" : "mma");
  }

  void time(const ReplayTimer& timer, const Step& step) {
    for (const bool cold : {false, true}) {
      const Spread spread = time_step(timer, step, cold);
      const std::string name = step.name + (cold ? "Cold" : "");
      line_.number(name + "Us", spread.median);
      p10_.number(name, spread.p10);
      p90_.number(name, spread.p90);
      if (!cold && (step.name == "scan" || step.name == "append")) main_scan_us_ = spread.median;
    }
  }

  void skip(const char* why) {
    line_.text("skipped", why);
    line_.print();
  }

  void print() {
    line_.number("teraops", operations_ / main_scan_us_ * 1e-6);
    line_.number("gigabytesPerSecond", bytes_ / main_scan_us_ * 1e-3);
    line_.object("p10Us", p10_);
    line_.object("p90Us", p90_);
    line_.print();
  }

 private:
  double operations_, bytes_;  // of the launch that multiplies all rows
  double main_scan_us_ = 0;
  JsonObject line_, p10_, p90_;
};

// A search and what the definition says of its first targets.
class CheckedSearch {
 public:
  explicit CheckedSearch(const SearchShape& shape) : search_(draw_search(shape)) {
    auto& targets = search_.users[0].targets;
    auto all = targets;
    targets.resize(std::min(targets.size(), kCheckedTargets));
    expected_ = answers(search_);
    targets = std::move(all);
  }

  const SearchCase& search() const { return search_; }

  // Whether the device has found the same bits. Says on stderr where it has not.
  bool is_found(const DeviceSearch& device) const {
    succeed(cudaDeviceSynchronize(), "a search");
    for (std::size_t t = 0; t < expected_.size(); ++t) {
      const Kept found = device.kept(t);
      const auto is_same = [](const auto& a, const auto& b) {
        return a.first == b.first &&
               std::bit_cast<std::uint32_t>(a.second) == std::bit_cast<std::uint32_t>(b.second);
      };
      const auto [is, should] = std::ranges::mismatch(found, expected_[t], is_same);
      if (is == found.end() && should == expected_[t].end()) continue;
      std::fprintf(stderr, "search_times: target %zu keeps %zu rows of %zu; place %td is wrong\n",
                   t, found.size(), expected_[t].size(), is - found.begin());
      return false;
    }
    return true;
  }

 private:
  SearchCase search_;
  std::vector<Kept> expected_;
};

// False: an answer is not that of the definition, and gets no time. Also in one launch, where there
// is a kernel for that, and few enough targets.
bool time_search(const ReplayTimer& timer, const cudaDeviceProp& gpu, const SearchShape& shape,
                 const CheckedSearch& checked, CandidateSearch way) {
  constexpr const char* kWrong = "its answer is not that of the definition";
  cuda::tests::Execution execution;
  execution.multiprocessors = static_cast<std::uint32_t>(gpu.multiProcessorCount);
  execution.search = way;
  execution.width = shape.select;
  execution.wgmma = shape.wgmma;
  const DeviceSearch device(checked.search(), execution);
  if (!device.has_lists() && way == CandidateSearch::kComputed) return true;  // it would not pay
  Times times(gpu, shape, device, way == CandidateSearch::kBlocks ? "blocks" : "lists");
  if (!device.has_lists() && way == CandidateSearch::kLists) {
    return times.skip("no kernel lists rows of this shape"), true;
  }
  if (shape.wgmma && !(device.has_lists() && device.append().wgmma != 0)) {
    return times.skip("no append by wgmma of this shape on this GPU"), true;
  }
  launch_search(device, nullptr);
  if (!checked.is_found(device)) return times.skip(kWrong), false;
  for (const Step& step : steps_of(device)) times.time(timer, step);
  bool one_launch_is_right = true;
  const cuda::ScanAndSelectParams* both = device.scan_and_select();
  if (both != nullptr && shape.targets <= kMaxOneLaunchTargets) {
    const auto launch = [&](cudaStream_t on) {
      succeed(scan_and_select_cuda(*both, handle(on)), "scan and select");
    };
    launch(nullptr);
    one_launch_is_right = checked.is_found(device);
    if (one_launch_is_right) times.time(timer, {"oneLaunch", launch});
  }
  times.print();
  return one_launch_is_right;
}

// Goes on after a wrong answer: the others' times are worth having.
bool time_shapes(const std::vector<SearchShape>& shapes) {
  const cudaDeviceProp gpu = properties_of_gpu();
  const ReplayTimer timer;
  bool all_right = true;
  for (const SearchShape& shape : shapes) {
    const CheckedSearch checked(shape);
    for (const CandidateSearch way : shape.searches) {
      all_right = time_search(timer, gpu, shape, checked, way) && all_right;
    }
  }
  return all_right;
}

}  // namespace
}  // namespace kleio::bench

int main(int count, char** arguments) {
  using namespace kleio::bench;
  std::vector<std::string> asked(arguments + 1, arguments + count);
  if (asked.empty()) asked.assign(kShapes.begin(), kShapes.end());
  std::vector<SearchShape> shapes;
  for (const std::string& text : asked) shapes.push_back(parse_shape(text));
  return time_shapes(shapes) ? 0 : 1;
}
