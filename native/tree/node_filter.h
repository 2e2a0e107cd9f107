// Which items a retrieval may return, and so which nodes are worth looking at: those with at least
// one such item below them.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <unordered_map>
#include <unordered_set>

#include "tree/tree_state.h"

namespace kleio {

class NodeFilter {
 public:
  // `allowed`: these items alone, if it is given; never the blocked ones. kNoItem is passed over.
  NodeFilter(const TreeState& tree, const std::optional<std::span<const std::int32_t>>& allowed,
             std::span<const std::int32_t> blocked);

  bool admits(std::int32_t index) const {
    if (allowed_.has_value() && !allowed_->contains(index)) return false;
    const auto found = blocked_.find(index);
    return found == blocked_.end() || found->second < tree_.nodes[index].leaves;
  }

 private:
  const TreeState& tree_;
  std::optional<std::unordered_set<std::int32_t>> allowed_;  // leaves and all above them
  std::unordered_map<std::int32_t, std::uint32_t> blocked_;  // items below a node
};

}  // namespace kleio
