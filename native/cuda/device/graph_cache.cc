#include "cuda/device/graph_cache.h"

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
  drop_graph(known);
  known.refused = true;
  return false;
}

bool GraphCache::have_graph(Known& known, StreamHandle stream) {
  if (known.graph.native != nullptr) return true;
  if (known.refused) return false;
  known.graph = device_.make_graph(known.work, stream);
  known.refused = known.graph.native == nullptr;
  if (known.refused) return false;
  counters_.held.fetch_add(1, std::memory_order_relaxed);
  counters_.captures.fetch_add(1, std::memory_order_relaxed);
  return true;
}

void GraphCache::drop_graph(Known& known) noexcept {
  if (known.graph.native == nullptr) return;
  device_.destroy_graph(std::exchange(known.graph, {}));
  counters_.held.fetch_sub(1, std::memory_order_relaxed);
}

void GraphCache::remember(const DeviceWork& work) {
  if (known_.size() == kMaxGraphs) {
    drop_graph(known_.back());
    known_.pop_back();
  }
  known_.insert(known_.begin(), Known{work, {}, false});
}

void GraphCache::clear() noexcept {
  for (Known& known : known_) drop_graph(known);
  known_.clear();
}

}  // namespace kleio::cuda
