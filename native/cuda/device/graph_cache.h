// What has been asked on one stream before, and the graphs that the device made of it.
//
// Work that is asked for the second time becomes a graph, and from then on is put on the stream at
// once. Graphs are known by the whole description of their work, so that replaying one can never
// change a result. A graph names memory without owning it: whoever frees or moves what work of this
// stream names clears the cache first.
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <vector>

#include "cuda/device/device.h"

namespace kleio::cuda {

struct GraphCounters {
  std::atomic<std::uint64_t> held{0};      // graphs that there are now
  std::atomic<std::uint64_t> captures{0};  // graphs made
  std::atomic<std::uint64_t> replays{0};
};

class GraphCache {
 public:
  // `enabled` false: makes no graphs.
  GraphCache(Device& device, GraphCounters& counters, bool enabled)
      : device_(device), counters_(counters), enabled_(enabled) {}
  ~GraphCache() { clear(); }
  GraphCache(const GraphCache&) = delete;
  GraphCache& operator=(const GraphCache&) = delete;

  // Puts the work on the stream, always the same one. Throws kOutOfMemory, kDevice,
  // kDeviceLost.
  void run(const DeviceWork& work, StreamHandle stream);
  // Nothing may be left on the stream.
  void clear() noexcept;

 private:
  // Shapes that one stream serves at a time; a service has a few, and each holds kilobytes.
  static constexpr std::size_t kMaxGraphs = 16;

  struct Known {
    DeviceWork work;
    GraphHandle graph;     // null: not made yet
    bool refused = false;  // it cannot be made, or not be replayed
  };

  bool replay(const DeviceWork& work, StreamHandle stream);
  bool have_graph(Known& known, StreamHandle stream);
  void drop_graph(Known& known) noexcept;
  void remember(const DeviceWork& work);

  Device& device_;
  GraphCounters& counters_;
  const bool enabled_;
  std::vector<Known> known_;  // the most recently asked first
};

}  // namespace kleio::cuda
