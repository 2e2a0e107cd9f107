#include "rates/probe.h"

#include <algorithm>
#include <chrono>
#include <vector>

#include "cuda_check.h"
#include "json_object.h"

namespace kleio::bench {

void report(const std::string& probe, double value, const char* unit) {
  JsonObject line;
  line.text("probe", probe);
  line.number("value", value);
  line.text("unit", unit);
  line.print();
}

void skip(const std::string& probe, const char* why) {
  JsonObject line;
  line.text("probe", probe);
  line.text("skipped", why);
  line.print();
}

double seconds_of(const std::function<void(cudaStream_t)>& launch) {
  using Clock = std::chrono::steady_clock;
  constexpr std::chrono::milliseconds kBudget{250};
  constexpr std::size_t kMinSamples = 5;
  cudaEvent_t begin = nullptr, end = nullptr;
  succeed(cudaEventCreate(&begin), "an event");
  succeed(cudaEventCreate(&end), "an event");
  launch(nullptr);  // warms up
  succeed(cudaPeekAtLastError(), "a launch");
  std::vector<float> milliseconds;
  const auto began = Clock::now();
  while (milliseconds.size() < kMinSamples || Clock::now() - began < kBudget) {
    succeed(cudaEventRecord(begin, nullptr), "an event");
    launch(nullptr);
    succeed(cudaPeekAtLastError(), "a launch");
    succeed(cudaEventRecord(end, nullptr), "an event");
    succeed(cudaEventSynchronize(end), "a kernel");
    succeed(cudaEventElapsedTime(&milliseconds.emplace_back(), begin, end), "a time");
  }
  succeed(cudaEventDestroy(begin), "an event");
  succeed(cudaEventDestroy(end), "an event");
  std::ranges::sort(milliseconds);
  return static_cast<double>(milliseconds[milliseconds.size() / 2]) * 1e-3;
}

DeviceBytes::~DeviceBytes() {
  cudaFree(memory_);
}

void DeviceBytes::clear() const {
  succeed(cudaMemset(memory_, 0, bytes_), "clearing memory");
}

}  // namespace kleio::bench
