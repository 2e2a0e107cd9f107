#include "tree/node_numbers.h"

#include "tree/tree_state.h"

namespace kleio {

std::vector<std::int32_t> breadth_first(const TreeState& tree) {
  std::vector<std::int32_t> nodes;
  if (tree.empty()) return nodes;
  nodes.reserve(2 * tree.items() - 1);
  nodes.push_back(0);
  for (std::size_t i = 0; i < nodes.size(); ++i) {
    const TreeNode& node = tree.nodes[nodes[i]];
    if (node.is_leaf()) continue;
    nodes.push_back(node.first_child);
    nodes.push_back(node.first_child + 1);
  }
  return nodes;
}

NumbersMade::Numbers NumbersMade::of(const TreeState& tree) const {
  if (const auto made = made_.lock(); *made) return *made;
  // Without the mutex: whoever asks at the same time may make them as well.
  auto numbers = std::make_shared<BlockVector<NodeNumber>>(tree.nodes.size(), NodeNumber::kNone);
  const std::vector<std::int32_t> nodes = breadth_first(tree);
  for (std::size_t i = 0; i < nodes.size(); ++i) {
    (*numbers)[static_cast<std::size_t>(nodes[i])] = NodeNumber{static_cast<std::int32_t>(i)};
  }
  const auto made = made_.lock();
  if (!*made) *made = std::move(numbers);
  return *made;
}

std::size_t NumbersMade::byte_size() const noexcept {
  const auto made = made_.lock();
  return *made ? block_bytes((*made)->capacity() * sizeof(NodeNumber)) : 0;
}

NodeNumbers::NodeNumbers(const TreeState& tree)
    : numbers_(tree.indices_are_numbers ? nullptr : tree.numbers.of(tree)) {}

}  // namespace kleio
