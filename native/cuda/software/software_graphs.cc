// Graphs of the software device: copies of work, and the allocations that its copies go between.
#include <memory>
#include <type_traits>
#include <utility>

#include "cuda/software/software_device.h"

namespace kleio::cuda {

// A copy of the work: its parameters and addresses are those of the making.
GraphHandle SoftwareDevice::make_graph(const DeviceWork& work, StreamHandle) {
  const std::lock_guard lock(mutex_);
  require_present();
  ++captures_;
  if (options_.fail_graph > 0 && captures_ >= options_.fail_graph) return {};
  auto owned = std::make_unique<Graph>(Graph{work, allocations_of(work)});
  Graph* graph = owned.get();
  graphs_.emplace(graph, std::move(owned));
  return {graph};
}

void SoftwareDevice::destroy_graph(GraphHandle graph) noexcept {
  const std::lock_guard lock(mutex_);
  graphs_.erase(static_cast<Graph*>(graph.native));
}

bool SoftwareDevice::replay(GraphHandle handle, StreamHandle stream) {
  const std::lock_guard lock(mutex_);
  require_present();
  const Graph& graph = *static_cast<const Graph*>(handle.native);
  ++replays_;
  if (replays_ == options_.refuse_replay) return false;
  if (allocations_of(graph.work) != graph.copied_between) {
    fault_ = "a graph was replayed that names memory which has been freed";
    require_present();
  }
  if (replays_ == options_.fail_replay) {
    put(stream, [this] { fault_ = "a graph failed; the device cannot be used any more"; });
  }
  run(graph.work, stream);
  return true;
}

// 0 where there is none.
std::vector<std::uint64_t> SoftwareDevice::allocations_of(const DeviceWork& work) const {
  std::vector<std::uint64_t> numbers;
  const auto add = [&](const Allocations& allocations, const void* memory) {
    const Allocation* found = find(allocations, memory);
    numbers.push_back(found == nullptr ? 0 : found->number);
  };
  work.each([&]<typename Operation>(const Operation& operation) {
    if constexpr (std::is_same_v<Operation, DeviceWork::Upload>) {
      add(pinned_, operation.from_host);
      add(memory_, operation.to);
    } else if constexpr (std::is_same_v<Operation, DeviceWork::Download>) {
      add(memory_, operation.from);
      add(pinned_, operation.to_host);
    }
  });
  return numbers;
}

}  // namespace kleio::cuda
