#include "cpu/simd/machine_peak.h"

#include <chrono>
#include <cstring>
#include <memory>
#include <numeric>
#include <thread>
#include <vector>

#include "core/float_state.h"
#include "core/large_buffer.h"

namespace kleio {
namespace {

using Clock = std::chrono::steady_clock;

constexpr std::size_t kReadStride = 256;

// Runs `step(thread)`, which returns its work, again and again on every thread; the sum of the
// threads' work per second.
template <typename Step>
double rate_of(std::size_t threads, double seconds, const Step& step) {
  std::vector<double> rates(threads);
  const auto run = [&](std::size_t thread) {
    const StandardFloatState standard;
    step(thread);
    double work = 0;
    const auto begin = Clock::now();
    std::chrono::duration<double> elapsed{};
    do {
      work += step(thread);
      elapsed = Clock::now() - begin;
    } while (elapsed.count() < seconds);
    rates[thread] = work / elapsed.count();
  };
  {
    std::vector<std::jthread> team;
    for (std::size_t thread = 0; thread < threads; ++thread) team.emplace_back(run, thread);
  }
  return std::accumulate(rates.begin(), rates.end(), 0.0);
}

double measure_reading(const PeakLoop& loop, decltype(PeakLoops::read) read) {
  const std::size_t share = loop.bytes / loop.threads / kReadStride * kReadStride;
  if (read == nullptr || share == 0) return 0;
  std::vector<LargeBuffer> parts;
  for (std::size_t thread = 0; thread < loop.threads; ++thread) {
    parts.emplace_back(share + kReadStride);
    std::memset(parts.back().data(), 1, parts.back().size());
  }
  return rate_of(loop.threads, loop.seconds, [&](std::size_t thread) {
    void* begin = parts[thread].data();
    std::size_t room = parts[thread].size();
    std::align(kReadStride, share, begin, room);
    read(static_cast<const std::byte*>(begin), share);
    return static_cast<double>(share);
  });
}

}  // namespace

double measure_peak(const PeakLoop& loop, const PeakLoops& loops) {
  if (loop.peak == Peak::kRead) return measure_reading(loop, loops.read);
  if (loop.peak == Peak::kFloat16) return 0;
  const auto run = loop.peak == Peak::kInt8 ? loops.int8 : loops.float32;
  if (run == nullptr) return 0;
  return rate_of(loop.threads, loop.seconds, [run](std::size_t) { return run(); });
}

}  // namespace kleio
