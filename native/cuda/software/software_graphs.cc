// Graphs of the software device: copies of work, and the allocations that its copies go between.
#include <memory>
#include <type_traits>
#include <utility>

#include "cuda/software/software_device.h"

namespace kleio::cuda {

// A copy of the work: its parameters and addresses are those of the making.
GraphHandle SoftwareDevice::make_graph(const DeviceWork& work, StreamHandle) {
  const auto state = state_.lock();
  state->require_present();
  ++state->captures;
  const std::uint64_t first = state->options.fail_graph;
  if (first > 0 && state->captures >= first) return {};
  auto owned = std::make_unique<Graph>(Graph{work, state->allocations_of(work)});
  Graph* graph = owned.get();
  state->graphs.emplace(graph, std::move(owned));
  return {graph};
}

void SoftwareDevice::destroy_graph(GraphHandle graph) noexcept {
  state_.lock()->graphs.erase(static_cast<Graph*>(graph.native));
}

bool SoftwareDevice::replay(GraphHandle handle, StreamHandle stream) {
  const Graph& graph = *static_cast<const Graph*>(handle.native);
  {
    const auto state = state_.lock();
    state->require_present();
    const std::uint64_t replay = ++state->replays;
    if (replay == state->options.refuse_replay) return false;
    if (state->allocations_of(graph.work) != graph.copied_between) {
      state->report("a graph was replayed that names memory which has been freed");
      state->require_present();
    }
    if (replay == state->options.fail_replay) {
      const auto fail = [&shared = *state] {
        shared.fault = "a graph failed; the device cannot be used any more";
      };
      state->put(stream, {fail, {}});
    }
  }
  run(graph.work, stream);
  return true;
}

// 0 where there is none.
std::vector<std::uint64_t> SoftwareDevice::State::allocations_of(const DeviceWork& work) const {
  std::vector<std::uint64_t> numbers;
  const auto add = [&](const Allocations& allocations, const void* byte) {
    const Allocation* found = find(allocations, byte);
    numbers.push_back(found == nullptr ? 0 : found->number);
  };
  work.each([&]<typename Operation>(const Operation& operation) {
    if constexpr (std::is_same_v<Operation, DeviceWork::Upload>) {
      add(pinned, operation.from_host);
      add(memory, operation.to);
    } else if constexpr (std::is_same_v<Operation, DeviceWork::Download>) {
      add(memory, operation.from);
      add(pinned, operation.to_host);
    }
  });
  return numbers;
}

}  // namespace kleio::cuda
