#include "tree/tree_builder.h"

#include <algorithm>
#include <deque>
#include <numeric>

#include "tree/node_sums.h"

namespace kleio {
namespace {

// Ten levels: enough to see where a corpus has moved, half a megabyte at 128 dimensions.
constexpr std::size_t kRememberedNodes = 1023;

struct Growing {
  std::int32_t index;
  std::size_t begin, end, first_cut;
};

std::int32_t take_pair(TreeState& tree) {
  if (!tree.free_pairs.empty()) {
    const std::int32_t pair = tree.free_pairs.back();
    tree.free_pairs.pop_back();
    return pair;
  }
  const auto pair = static_cast<std::int32_t>(tree.nodes.end());
  tree.nodes.push_back({});
  tree.nodes.push_back({});
  return pair;
}

std::int32_t take_mean(TreeState& tree) {
  if (!tree.free_means.empty()) {
    const std::int32_t row = tree.free_means.back();
    tree.free_means.pop_back();
    return row;
  }
  tree.means.extend(1);
  return static_cast<std::int32_t>(tree.means.size() - 1);
}

// Those of a table's first rows that are items: all but those that no id leads to.
std::vector<std::int32_t> items_of(const Table& table, std::size_t rows) {
  std::vector<std::int32_t> items(rows);
  std::iota(items.begin(), items.end(), 0);
  if (table.shadowed_rows() > 0) {
    std::erase_if(items, [&](std::int32_t row) {
      return table.row_of(table.id_of(static_cast<std::size_t>(row)), rows) != row;
    });
  }
  return items;
}

}  // namespace

void grow(TreeState& tree, std::int32_t root, const Partition& partition,
          const std::int32_t* feature) {
  std::deque<Growing> queue{{root, 0, partition.order.size(), 0}};
  while (!queue.empty()) {
    const auto [index, begin, end, first_cut] = queue.front();
    queue.pop_front();
    TreeNode node;
    node.parent = tree.nodes[index].parent;
    node.leaves = static_cast<std::uint32_t>(end - begin);
    if (end - begin == 1) {
      node.row = partition.order[begin];
      tree.leaf_of_item.writable(node.row) = index;
      tree.nodes.writable(index) = node;
      continue;
    }
    node.first_child = take_pair(tree);
    node.row = take_mean(tree);
    node.feature = feature != nullptr ? *feature : static_cast<std::int32_t>(tree.built_inner++);
    tree.nodes.writable(index) = node;
    tree.nodes.writable(node.first_child).parent = index;
    tree.nodes.writable(node.first_child + 1).parent = index;
    const auto cut = static_cast<std::size_t>(partition.cuts[first_cut]);
    queue.push_back({node.first_child, begin, cut, first_cut + 1});
    queue.push_back({node.first_child + 1, cut, end, first_cut + (cut - begin)});
  }
}

void remember_means(TreeState& tree) {
  const std::size_t nodes = std::min<std::size_t>(kRememberedNodes, tree.built_inner);
  BlockVector<float> means(nodes * tree.dim());
  // As built, inner nodes come in the order of their numbers.
  for (std::int64_t index = 0, met = 0; met < static_cast<std::int64_t>(nodes); ++index) {
    const TreeNode& node = tree.nodes[index];
    if (node.is_leaf()) continue;
    read_mean(tree, node, {means.data() + static_cast<std::size_t>(met) * tree.dim(), tree.dim()});
    ++met;
  }
  tree.built_means = std::make_shared<const BlockVector<float>>(std::move(means));
}

std::shared_ptr<const TreeState> build_tree(std::shared_ptr<Table> table, std::size_t rows,
                                            const SplitOptions& options, const CallContext& context,
                                            std::uint64_t* item_levels) {
  const auto tree = std::make_shared<TreeState>(std::move(table), rows);
  tree->split = options.split;
  tree->seed = options.seed;
  std::vector<std::int32_t> items = items_of(*tree->base, rows);
  if (items.empty()) return tree;
  for (std::size_t row = 0; row < rows; ++row) tree->leaf_of_item.push_back(kNoNode);
  const Partition partition = split_items(*tree, std::move(items), options, context, item_levels);
  tree->nodes.push_back({});
  grow(*tree, 0, partition, nullptr);
  visit_sums(*tree, 0, context, [&tree](std::int32_t index, std::span<const double> sum) {
    write_mean(*tree, index, sum);
  });
  remember_means(*tree);
  return tree;
}

}  // namespace kleio
