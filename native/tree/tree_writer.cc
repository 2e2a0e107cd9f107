#include "tree/tree_writer.h"

#include <algorithm>
#include <cstring>
#include <mutex>
#include <string>

#include "core/error.h"
#include "core/hash.h"
#include "core/secret_hash.h"
#include "tree/node_sums.h"
#include "tree/tree_builder.h"
#include "tree/tree_landing.h"

namespace kleio {
namespace {

// A sum of fewer items is added up anew: 64 rows of 128 int8 are a few microseconds.
constexpr std::uint32_t kSummedLeaves = 64;

// Items and the inner nodes above them are both numbered by int32.
constexpr std::size_t kMaxItems = kMaxRows / 2;

void require_new(const TreeState& tree, std::span<const std::int64_t> ids) {
  std::unordered_set<std::int64_t, SecretHash> seen;
  for (std::size_t i = 0; i < ids.size(); ++i) {
    const char* where = !seen.insert(ids[i]).second       ? "is given twice"
                        : tree.item_of(ids[i]) != kNoItem ? "is in the tree"
                                                          : nullptr;
    if (where == nullptr) continue;
    throw Error(ErrorCode::kDuplicateId, "ids must be new; id " + std::to_string(ids[i]) +
                                             " at index " + std::to_string(i) + " " + where);
  }
  const std::size_t items = tree.leaf_of_item.size() + ids.size();
  if (items > kMaxItems) {
    throw Error(ErrorCode::kRange, "a tree holds at most " + std::to_string(kMaxItems) +
                                       " items; it would have " + std::to_string(items));
  }
}

// The new items, in the order of their ids, without rows so far; the first one's number.
std::int32_t append_items(TreeState& tree, std::span<const std::int64_t> ids,
                          const MatrixView& embeddings) {
  if (!tree.added) {
    const MatrixView none{nullptr, 0, tree.dim(), tree.dtype()};
    tree.added = Table::copy_of(none, std::span<const std::int64_t>());
  }
  const auto first = static_cast<std::int32_t>(tree.leaf_of_item.end());
  auto items = std::make_shared<AddedItems>(*tree.added_items);
  for (std::size_t i = 0; i < ids.size(); ++i) {
    tree.added_ids.push_back(ids[i]);
    tree.leaf_of_item.push_back(kNoNode);
    (*items)[ids[i]] = first + static_cast<std::int32_t>(i);
  }
  tree.added_items = std::move(items);
  tree.arriving = embeddings;
  return first;
}

// Gives the new items their rows: the table has them from here on. An id that leads to the same
// embedding already keeps its row. Nothing can fail afterwards.
void settle_items(TreeState& tree, std::span<const std::int64_t> ids) {
  Table& table = *tree.added;
  const std::size_t row_bytes = table.row_bytes();
  std::vector<std::int32_t> rows(ids.size());
  table.rows_of(ids, rows);
  std::vector<std::int64_t> missing;
  std::vector<std::byte> embeddings;
  for (std::size_t i = 0; i < ids.size(); ++i) {
    const std::byte* arriving = tree.arriving.row(i);
    if (rows[i] >= 0 &&
        std::memcmp(table.row(static_cast<std::size_t>(rows[i])), arriving, row_bytes) == 0) {
      continue;
    }
    rows[i] = -1;
    missing.push_back(ids[i]);
    embeddings.insert(embeddings.end(), arriving, arriving + row_bytes);
  }
  tree.added_rows.reserve(ids.size());
  auto next = static_cast<std::int32_t>(table.append(
      {embeddings.data(), missing.size(), tree.dim(), tree.dtype()}, missing, Duplicates::kLast));
  for (std::int32_t& row : rows) {
    if (row < 0) row = next++;
  }
  tree.added_rows.append(rows);
  tree.arriving = {};
}

// In halves, by a seed of the first item's own.
Partition divide(const TreeState& tree, std::vector<std::int32_t> items,
                 const CallContext& context) {
  SplitOptions options;
  options.seed = tree.seed ^ mixed_bits(static_cast<std::uint64_t>(tree.id_of(items.front())));
  return split_items(tree, std::move(items), options, context, nullptr);
}

}  // namespace

std::shared_ptr<const TreeState> TreeWriter::insert(const TreeState& tree,
                                                    std::span<const std::int64_t> ids,
                                                    const MatrixView& embeddings,
                                                    const CallContext& context) {
  require_finite(embeddings, "values");
  require_new(tree, ids);
  const auto changed = std::make_shared<TreeState>(tree);
  if (ids.empty()) return changed;
  changed->indices_are_numbers = false;
  require_sums(tree, context);
  // Whatever fails from here on leaves sums of a state that never was.
  has_sums_ = false;
  touched_.clear();
  const std::int32_t first = append_items(*changed, ids, embeddings);
  if (tree.empty() && changed->nodes.size() == 0) changed->nodes.push_back({});

  struct Arrival {
    std::int32_t index, item;
  };
  std::vector<Arrival> arrivals(ids.size());
  constexpr std::size_t kTaskItems = 64;
  context.parallel_for((ids.size() + kTaskItems - 1) / kTaskItems, [&](std::size_t task) {
    const std::size_t end = std::min((task + 1) * kTaskItems, ids.size());
    for (std::size_t i = task * kTaskItems; i < end; ++i) {
      const std::int32_t item = first + static_cast<std::int32_t>(i);
      arrivals[i] = {landing_of(*changed, item), item};
    }
  });
  std::ranges::stable_sort(arrivals, {}, &Arrival::index);
  std::vector<std::int32_t> group;
  for (std::size_t i = 0; i < arrivals.size();) {
    const std::int32_t index = arrivals[i].index;
    group.clear();
    for (; i < arrivals.size() && arrivals[i].index == index; ++i) {
      group.push_back(arrivals[i].item);
    }
    add_under(*changed, index, group, context);
  }
  write_touched_means(*changed);
  settle_items(*changed, ids);
  changed->inserted += ids.size();
  has_sums_ = true;
  return changed;
}

std::shared_ptr<const TreeState> TreeWriter::remove(const TreeState& tree,
                                                    std::span<const std::int64_t> ids,
                                                    const CallContext& context) {
  const auto changed = std::make_shared<TreeState>(tree);
  changed->indices_are_numbers = false;
  require_sums(tree, context);
  has_sums_ = false;
  touched_.clear();
  for (const std::int64_t id : ids) {
    const std::int32_t item = changed->item_of(id);
    if (item != kNoItem) remove_one(*changed, item);
  }
  write_touched_means(*changed);
  has_sums_ = true;
  return changed;
}

void TreeWriter::require_sums(const TreeState& tree, const CallContext& context) {
  if (has_sums_) return;
  sums_.clear();
  if (!tree.empty() && !tree.nodes[0].is_leaf()) {
    std::mutex mutex;
    visit_sums(tree, 0, context, [&](std::int32_t index, std::span<const double> sum) {
      if (tree.nodes[index].leaves < kSummedLeaves) return;
      const std::lock_guard lock(mutex);
      sums_.emplace(index, Sum(sum.begin(), sum.end()));
    });
  }
  has_sums_ = true;
}

void TreeWriter::add_under(TreeState& tree, std::int32_t landing,
                           std::span<const std::int32_t> items, const CallContext& context) {
  const TreeNode leaf = tree.nodes[landing];
  for (std::int32_t index = leaf.parent; index >= 0; index = tree.nodes[index].parent) {
    TreeNode& node = tree.nodes.writable(index);
    node.leaves += static_cast<std::uint32_t>(items.size());
    touched_.insert(index);
  }
  std::vector<std::int32_t> below;
  if (leaf.leaves > 0) below.push_back(leaf.row);  // not so in a tree without items
  below.insert(below.end(), items.begin(), items.end());
  const std::int32_t feature = leaf.parent < 0 ? -1 : tree.nodes[leaf.parent].feature;
  grow(tree, landing, divide(tree, std::move(below), context), &feature);
  if (tree.nodes[landing].is_leaf()) return;
  visit_sums(tree, landing, context.limited_to(1),
             [&](std::int32_t index, std::span<const double> of_node) {
               write_mean(tree, index, of_node);
               if (tree.nodes[index].leaves >= kSummedLeaves) {
                 sums_[index].assign(of_node.begin(), of_node.end());
               }
             });
}

void TreeWriter::remove_one(TreeState& tree, std::int32_t item) {
  const std::int32_t leaf = tree.leaf_of_item[item];
  tree.leaf_of_item.writable(item) = kNoNode;
  ++tree.removed;
  const std::int32_t parent = tree.nodes[leaf].parent;
  if (parent < 0) {
    tree.nodes.writable(leaf) = {};
    return;
  }
  for (std::int32_t index = tree.nodes[parent].parent; index >= 0;
       index = tree.nodes[index].parent) {
    --tree.nodes.writable(index).leaves;
    touched_.insert(index);
  }
  const std::int32_t pair = tree.nodes[parent].first_child;
  lift_sibling(tree, parent, leaf == pair ? pair + 1 : pair);
}

// The sibling of a removed leaf moves into its parent's place, with all that is known of it.
void TreeWriter::lift_sibling(TreeState& tree, std::int32_t parent, std::int32_t sibling) {
  const TreeNode gone = tree.nodes[parent];
  TreeNode moved = tree.nodes[sibling];
  moved.parent = gone.parent;
  tree.nodes.writable(parent) = moved;
  if (moved.is_leaf()) {
    tree.leaf_of_item.writable(moved.row) = parent;
  } else {
    tree.nodes.writable(moved.first_child).parent = parent;
    tree.nodes.writable(moved.first_child + 1).parent = parent;
  }
  sums_.erase(parent);
  if (auto sum = sums_.extract(sibling)) {
    sum.key() = parent;
    sums_.insert(std::move(sum));
  }
  touched_.erase(parent);
  if (touched_.erase(sibling) > 0) touched_.insert(parent);
  tree.nodes.writable(gone.first_child) = {};
  tree.nodes.writable(gone.first_child + 1) = {};
  tree.free_pairs.push_back(gone.first_child);
  tree.free_means.push_back(gone.row);
}

void TreeWriter::write_touched_means(TreeState& tree) {
  // A node has more items than any below it, so children come before their parents.
  std::vector<std::int32_t> upwards(touched_.begin(), touched_.end());
  std::ranges::sort(upwards, {}, [&](std::int32_t index) { return tree.nodes[index].leaves; });
  for (const std::int32_t index : upwards) {
    const std::int32_t child = tree.nodes[index].first_child;
    if (child < 0) continue;
    Sum sum = sum_of(tree, child);
    const Sum other = sum_of(tree, child + 1);
    for (std::size_t d = 0; d < sum.size(); ++d) sum[d] += other[d];
    write_mean(tree, index, sum);
    sums_[index] = std::move(sum);
  }
  for (const std::int32_t index : upwards) {
    if (tree.nodes[index].leaves < kSummedLeaves) sums_.erase(index);
  }
  touched_.clear();
}

TreeWriter::Sum TreeWriter::sum_of(const TreeState& tree, std::int32_t index) const {
  const auto found = sums_.find(index);
  return found != sums_.end() ? found->second : sum_below(tree, index);
}

}  // namespace kleio
