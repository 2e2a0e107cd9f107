#include "tree/tree_state.h"

#include <algorithm>

namespace kleio {

TreeState::TreeState(std::shared_ptr<Table> table, std::size_t rows)
    : base(std::move(table)),
      base_rows(rows),
      means(base->row_bytes()),
      added(base->has_ids() ? base : nullptr),
      added_items(std::make_shared<const AddedItems>()),
      built_means(std::make_shared<const BlockVector<float>>()) {}

std::int64_t TreeState::id_of(std::int32_t item) const {
  const auto index = static_cast<std::size_t>(item);
  return index < base_rows ? base->id_of(index)
                           : added_ids[static_cast<std::int64_t>(index - base_rows)];
}

std::int32_t TreeState::item_of(std::int64_t id) const noexcept {
  std::int32_t item = kNoItem;
  if (const auto later = added_items->find(id); later != added_items->end()) {
    item = later->second;
  } else if (base->has_ids()) {
    item = base->row_of(id, base_rows);
  } else if (id >= 0 && id < static_cast<std::int64_t>(base_rows)) {
    item = static_cast<std::int32_t>(id);
  }
  return item == kNoItem || leaf_of_item[item] == kNoNode ? kNoItem : item;
}

std::size_t TreeState::byte_size() const noexcept {
  return nodes.byte_size() + means.byte_size() + added_rows.byte_size() + added_ids.byte_size() +
         (added && added != base ? added->resident_bytes() : 0) + leaf_of_item.byte_size() +
         block_bytes(built_means->capacity() * sizeof(float)) + numbers.byte_size() +
         added_items->size() * 6 * sizeof(std::int64_t) +
         block_bytes(free_pairs.capacity() * sizeof(std::int32_t)) +
         block_bytes(free_means.capacity() * sizeof(std::int32_t));
}

std::size_t depth_of(const TreeState& tree) {
  if (tree.empty()) return 0;
  std::size_t depth = 0;
  std::vector<std::int32_t> level{0}, below;
  for (;;) {
    below.clear();
    for (const std::int32_t index : level) {
      const TreeNode& node = tree.nodes[index];
      if (node.is_leaf()) continue;
      below.push_back(node.first_child);
      below.push_back(node.first_child + 1);
    }
    if (below.empty()) return depth;
    ++depth;
    level.swap(below);
  }
}

}  // namespace kleio
