#include "tree/tree_landing.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <vector>

#include "core/quantise.h"
#include "core/score.h"

namespace kleio {
namespace {

// Nodes of a level that an item's way down looks at: with one alone, an item whose nearest
// neighbours lie across an early cut misses them, and recall of new items falls by some points.
constexpr std::size_t kPaths = 8;

// Cosines of one item with many nodes, but for the item's own norm.
class Likeness {
 public:
  Likeness(const TreeState& tree, std::int32_t item)
      : tree_(tree), item_(tree.item_embedding(item)), item_floats_(tree.dim()), row_(tree.dim()) {
    if (!has_exact_codes(tree.dtype())) widen(item_, tree.dtype(), item_floats_);
  }

  double with(const TreeNode& node) {
    const std::byte* codes = tree_.embedding(node);
    double dot = 0, norm_sq = 0;
    if (has_exact_codes(tree_.dtype())) {
      const auto* a = reinterpret_cast<const std::int8_t*>(codes);
      const auto* b = reinterpret_cast<const std::int8_t*>(item_);
      dot = exact_dot(a, b, tree_.dim());
      norm_sq = exact_dot(a, a, tree_.dim());
    } else {
      widen(codes, tree_.dtype(), row_);
      for (std::size_t d = 0; d < row_.size(); ++d) {
        const auto value = static_cast<double>(row_[d]);
        dot += value * static_cast<double>(item_floats_[d]);
        norm_sq += value * value;
      }
    }
    return norm_sq == 0 ? 0 : dot / std::sqrt(norm_sq);
  }

 private:
  const TreeState& tree_;
  const std::byte* item_;
  std::vector<float> item_floats_, row_;
};

// A node on an item's way down.
struct Step {
  std::int32_t index;
  double likeness;
  std::uint32_t leaves;  // of equals, the emptier goes first: copies of an item spread out
  std::size_t place;     // on its level, from the left: indices differ between replicas

  friend bool operator<(const Step& a, const Step& b) noexcept {
    if (a.likeness != b.likeness) return a.likeness > b.likeness;
    return a.leaves != b.leaves ? a.leaves < b.leaves : a.place < b.place;
  }
};

}  // namespace

std::int32_t landing_of(const TreeState& tree, std::int32_t item) {
  Likeness likeness(tree, item);
  std::vector<Step> level{{0, 0, tree.nodes[0].leaves, 0}}, below;
  Step landing{kNoNode, -std::numeric_limits<double>::infinity(), 0, 0};
  while (!level.empty()) {
    below.clear();
    for (const Step& step : level) {
      const TreeNode& node = tree.nodes[step.index];
      if (node.is_leaf()) {
        if (step.likeness > landing.likeness) landing = step;
        continue;
      }
      for (std::int32_t child = node.first_child; child < node.first_child + 2; ++child) {
        const TreeNode& of_child = tree.nodes[child];
        below.push_back({child, likeness.with(of_child), of_child.leaves, below.size()});
      }
    }
    std::sort(below.begin(), below.end());
    if (below.size() > kPaths) below.resize(kPaths);
    std::ranges::sort(below, {}, &Step::place);
    level.swap(below);
  }
  return landing.index;
}

}  // namespace kleio
