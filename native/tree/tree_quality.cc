#include "tree/tree_quality.h"

#include <algorithm>
#include <cmath>
#include <deque>

#include "tree/node_sums.h"

namespace kleio {
namespace {

constexpr std::size_t kMaxSampled = 65536;
constexpr std::size_t kTaskItems = 256;

double cosine(std::span<const float> a, std::span<const float> b) noexcept {
  double dot = 0, a_sq = 0, b_sq = 0;
  for (std::size_t d = 0; d < a.size(); ++d) {
    const auto x = static_cast<double>(a[d]);
    const auto y = static_cast<double>(b[d]);
    dot += x * y;
    a_sq += x * x;
    b_sq += y * y;
  }
  return a_sq == 0 || b_sq == 0 ? 0 : dot / std::sqrt(a_sq * b_sq);
}

// Nodes, leaves and sizes of every level, depth and balance.
void measure_shape(const TreeState& tree, TreeQuality& quality) {
  std::vector<std::int32_t> level{0}, below;
  double depths = 0, evenness = 0;
  std::uint64_t inner = 0;
  for (; !level.empty(); level.swap(below)) {
    below.clear();
    LevelQuality& of_level = quality.levels.emplace_back();
    of_level.nodes = level.size();
    of_level.smallest = tree.nodes[level.front()].leaves;
    for (const std::int32_t index : level) {
      const TreeNode& node = tree.nodes[index];
      of_level.smallest = std::min(of_level.smallest, node.leaves);
      of_level.largest = std::max(of_level.largest, node.leaves);
      if (node.is_leaf()) {
        ++of_level.leaves;
        depths += static_cast<double>(quality.levels.size() - 1);
        continue;
      }
      const auto [smaller, larger] =
          std::minmax(tree.nodes[node.first_child].leaves, tree.nodes[node.first_child + 1].leaves);
      const bool even = larger - smaller <= 1;  // of an odd number one half is larger
      evenness += even ? 1 : static_cast<double>(smaller) / static_cast<double>(larger);
      ++inner;
      below.push_back(node.first_child);
      below.push_back(node.first_child + 1);
    }
  }
  quality.mean_depth = depths / static_cast<double>(quality.items);
  if (inner > 0) quality.balance = evenness / static_cast<double>(inner);
}

// Adds the cosines of an item with its nodes, by level; its leaf's counts on the levels below it.
class Likeness {
 public:
  explicit Likeness(const TreeState& tree)
      : tree_(tree), item_mean_(tree.dim()), node_mean_(tree.dim()) {}

  void add(std::int32_t leaf, std::vector<double>& by_level) {
    path_.clear();
    for (std::int32_t index = leaf; index >= 0; index = tree_.nodes[index].parent) {
      path_.push_back(index);
    }
    read_mean(tree_, tree_.nodes[leaf], item_mean_);
    for (std::size_t level = 0; level < by_level.size(); ++level) {
      const std::size_t step = path_.size() - 1 - std::min(level, path_.size() - 1);
      read_mean(tree_, tree_.nodes[path_[step]], node_mean_);
      by_level[level] += cosine(item_mean_, node_mean_);
    }
  }

 private:
  const TreeState& tree_;
  std::vector<std::int32_t> path_;
  std::vector<float> item_mean_, node_mean_;
};

void measure_likeness(const TreeState& tree, const CallContext& context, TreeQuality& quality) {
  const std::size_t stride = (tree.items() + kMaxSampled - 1) / kMaxSampled;
  std::vector<std::int32_t> leaves;
  std::size_t met = 0;
  for (std::int64_t item = 0; item < tree.leaf_of_item.end(); ++item) {
    const std::int32_t index = tree.leaf_of_item[item];
    if (index != kNoNode && met++ % stride == 0) leaves.push_back(index);
  }
  quality.sampled = leaves.size();
  if (leaves.empty()) return;
  const std::size_t levels = quality.levels.size();
  const std::size_t tasks = (leaves.size() + kTaskItems - 1) / kTaskItems;
  std::vector<std::vector<double>> sums(tasks, std::vector<double>(levels));
  context.parallel_for(tasks, [&](std::size_t task) {
    context.throw_if_cancelled();
    Likeness likeness(tree);
    const std::size_t end = std::min((task + 1) * kTaskItems, leaves.size());
    for (std::size_t i = task * kTaskItems; i < end; ++i) likeness.add(leaves[i], sums[task]);
  });
  for (std::size_t level = 0; level < levels; ++level) {
    double sum = 0;
    for (const std::vector<double>& of_task : sums) sum += of_task[level];
    quality.levels[level].similarity = sum / static_cast<double>(leaves.size());
  }
}

double moved_since_build(const TreeState& tree) {
  const std::size_t dim = tree.dim();
  std::vector<bool> met(tree.built_means->size() / dim);
  std::vector<float> now(dim);
  double moved = 0;
  std::size_t measured = 0;
  std::deque<std::int32_t> queue{0};
  for (; !queue.empty(); queue.pop_front()) {
    const TreeNode& node = tree.nodes[queue.front()];
    if (node.is_leaf()) continue;
    queue.push_back(node.first_child);
    queue.push_back(node.first_child + 1);
    const auto number = static_cast<std::size_t>(node.feature);
    if (node.feature < 0 || number >= met.size() || met[number]) continue;
    met[number] = true;
    read_mean(tree, node, now);
    moved += 1 - cosine(now, {tree.built_means->data() + number * dim, dim});
    ++measured;
  }
  return measured == 0 ? 0 : std::max(moved / static_cast<double>(measured), 0.0);
}

}  // namespace

TreeQuality tree_quality(const TreeState& tree, const CallContext& context) {
  TreeQuality quality;
  quality.items = tree.items();
  if (quality.items == 0) return quality;
  measure_shape(tree, quality);
  measure_likeness(tree, context, quality);
  quality.moved = moved_since_build(tree);
  return quality;
}

}  // namespace kleio
