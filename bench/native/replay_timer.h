// Device time of what a graph does, without the time that launches take.
//
// Nothing timed waits for the host: a kernel holds the stream until all that is to be timed is
// queued behind it. Events around a single replay would still hold a microsecond or two of their
// own, so a warm time is that of twenty replays in a row, divided.
#pragma once

#include <cuda_runtime_api.h>

#include <cstdint>
#include <functional>
#include <vector>

namespace kleio::bench {

// Microseconds. Tenths, not extremes: one sample in thirty is disturbed by something.
struct Spread {
  double p10 = 0;
  double median = 0;
  double p90 = 0;
};

class ReplayTimer {
 public:
  static constexpr int kReplays = 20;  // between two events

  ReplayTimer();
  ~ReplayTimer();
  ReplayTimer(const ReplayTimer&) = delete;
  ReplayTimer& operator=(const ReplayTimer&) = delete;

  using Launch = std::function<void(cudaStream_t)>;

  // Of a replay that finds in L2 what the one before it has left there.
  Spread warm(const Launch& launch) const;
  // Of a replay that finds L2 full of other, unchanged memory. A sample is one replay, so the two
  // events count, too: about what `warm` says of an empty kernel.
  Spread cold(const Launch& launch) const;
  // Of what is launched twenty times without a graph.
  Spread warm_launches(const Launch& launch) const;

 private:
  class Graph;

  void hold() const;
  void let_go() const;
  // Of `times` calls of `enqueue`, behind `before`.
  Spread sample(const std::function<void()>& before, const std::function<void()>& enqueue,
                int times) const;
  void flush() const;

  cudaStream_t stream_ = nullptr;
  cudaEvent_t begin_ = nullptr;
  cudaEvent_t end_ = nullptr;
  std::uint32_t* flushing_ = nullptr;      // device memory, larger than any L2
  std::uint32_t* gate_ = nullptr;          // pinned memory of the host
  mutable std::uint32_t let_through_ = 0;  // what the gate held last
};

}  // namespace kleio::bench
