#include "tree/node_filter.h"

namespace kleio {

NodeFilter::NodeFilter(const TreeState& tree,
                       const std::optional<std::span<const std::int32_t>>& allowed,
                       std::span<const std::int32_t> blocked)
    : tree_(tree) {
  std::unordered_set<std::int32_t> never;
  for (const std::int32_t item : blocked) {
    if (item == kNoItem || !never.insert(item).second) continue;
    // Where only some items are allowed, blocking one is not allowing it.
    if (allowed.has_value()) continue;
    for (std::int32_t index = tree.leaf_of_item[item]; index >= 0;
         index = tree.nodes[index].parent) {
      ++blocked_[index];
    }
  }
  if (!allowed.has_value()) return;
  allowed_.emplace();
  for (const std::int32_t item : *allowed) {
    if (item == kNoItem || never.contains(item)) continue;
    for (std::int32_t index = tree.leaf_of_item[item]; index >= 0 && allowed_->insert(index).second;
         index = tree.nodes[index].parent) {
    }
  }
}

}  // namespace kleio
