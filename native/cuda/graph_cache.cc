#include "cuda/graph_cache.h"

#include <algorithm>
#include <utility>

namespace kleio::cuda {

void GraphCache::run(const DeviceWork& work, StreamHandle stream) {
  if (!enabled_ || !replay(work, stream)) device_.run(work, stream);
}

// False, with nothing put on the stream, for work that is new or no graph serves.
bool GraphCache::replay(const DeviceWork& work, StreamHandle stream) {
  const auto found = std::ranges::find(known_, work, &Known::work);
  if (found == known_.end()) {
    remember(work);
    return false;
  }
  std::rotate(known_.begin(), found, found + 1);
  Known& known = known_.front();
  if (!have_graph(known, stream)) return false;
  if (device_.replay(known.graph, stream)) {
    counters_.replays.fetch_add(1, std::memory_order_relaxed);
    return true;
  }
  device_.destroy_graph(std::exchange(known.graph, {}));
  known.refused = true;
  return false;
}

bool GraphCache::have_graph(Known& known, StreamHandle stream) {
  if (known.graph.native != nullptr) return true;
  if (known.refused) return false;
  known.graph = device_.make_graph(known.work, stream);
  known.refused = known.graph.native == nullptr;
  if (known.refused) return false;
  counters_.captures.fetch_add(1, std::memory_order_relaxed);
  return true;
}

void GraphCache::remember(const DeviceWork& work) {
  if (known_.size() == kMost) {
    device_.destroy_graph(known_.back().graph);
    known_.pop_back();
  }
  known_.insert(known_.begin(), Known{work, {}, false});
}

void GraphCache::clear() noexcept {
  for (const Known& known : known_) device_.destroy_graph(known.graph);
  known_.clear();
}

}  // namespace kleio::cuda
