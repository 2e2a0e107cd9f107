#include "tree/node_sums.h"

#include <algorithm>
#include <cassert>
#include <cmath>
#include <unordered_map>

namespace kleio {
namespace {

// Items below the nodes that are one task: some hundred microseconds.
constexpr std::uint32_t kTaskLeaves = 4096;

// Rounds a mean to elements and returns their scale.
template <typename Element>
float write_elements(std::span<const double> mean, std::byte* row) noexcept {
  double step = 1;
  if constexpr (Element::kExactCodes) {
    double largest = 0;
    for (const double value : mean) largest = std::max(largest, std::fabs(value));
    step = largest / static_cast<double>(Element::kMax);
  }
  for (std::size_t d = 0; d < mean.size(); ++d) {
    store_element<Element>(row, d, step == 0 ? 0 : mean[d] / step);
  }
  return static_cast<float>(step);
}

using Visit = FunctionRef<void(std::int32_t index, std::span<const double> sum)>;

// One thread's walk below a node: the sums of two children become their parent's.
class Walk {
 public:
  Walk(const TreeState& tree, Visit visit) : tree_(tree), visit_(visit) {}

  // Visits `root` and all inner nodes below, and gives the sum of its items.
  std::vector<double> run(std::int32_t root) {
    std::vector<Step> steps{{root, false}};
    while (!steps.empty()) {
      const Step step = steps.back();
      steps.pop_back();
      const TreeNode& node = tree_.nodes[step.index];
      if (node.is_leaf()) {
        push_item(node.row);
      } else if (step.children_done) {
        join(step.index);
      } else {
        steps.push_back({step.index, true});
        // The larger child first, so that few sums wait.
        const bool left_larger =
            tree_.nodes[node.first_child].leaves >= tree_.nodes[node.first_child + 1].leaves;
        steps.push_back({node.first_child + (left_larger ? 1 : 0), false});
        steps.push_back({node.first_child + (left_larger ? 0 : 1), false});
      }
    }
    return std::move(sums_.front());
  }

 private:
  struct Step {
    std::int32_t index;
    bool children_done;
  };

  void push_item(std::int32_t item) {
    if (held_ == sums_.size()) sums_.emplace_back(tree_.dim());
    std::vector<double>& sum = sums_[held_++];
    const std::byte* row = tree_.item_embedding(item);
    with_element(tree_.dtype(), [&]<typename Element>() {
      for (std::size_t d = 0; d < sum.size(); ++d) {
        sum[d] = static_cast<double>(load_element<Element>(row, d));
      }
    });
  }

  void join(std::int32_t index) {
    assert(held_ >= 2);
    --held_;
    std::vector<double>& sum = sums_[held_ - 1];
    for (std::size_t d = 0; d < sum.size(); ++d) sum[d] += sums_[held_][d];
    visit_(index, sum);
  }

  const TreeState& tree_;
  Visit visit_;
  std::vector<std::vector<double>> sums_;  // those from held_ on are spare
  std::size_t held_ = 0;
};

// The nodes of at most kTaskLeaves items whose parents have more, and those above them.
struct Cut {
  std::vector<std::int32_t> tasks, upper;
};

Cut cut_below(const TreeState& tree, std::int32_t root) {
  Cut cut;
  std::vector<std::int32_t> left{root};
  while (!left.empty()) {
    const std::int32_t index = left.back();
    left.pop_back();
    const TreeNode& node = tree.nodes[index];
    if (node.leaves <= kTaskLeaves) {
      cut.tasks.push_back(index);
      continue;
    }
    cut.upper.push_back(index);
    left.push_back(node.first_child + 1);
    left.push_back(node.first_child);
  }
  return cut;
}

}  // namespace

std::vector<double> sum_below(const TreeState& tree, std::int32_t index) {
  const auto pass = [](std::int32_t, std::span<const double>) {};
  return Walk(tree, pass).run(index);
}

void write_mean(TreeState& tree, std::int32_t index, std::span<const double> sum) {
  TreeNode& node = tree.nodes.writable(index);
  assert(!node.is_leaf() && node.leaves > 0 && sum.size() == tree.dim());
  std::vector<double> mean(sum.begin(), sum.end());
  for (double& value : mean) value /= node.leaves;
  std::byte* row = tree.means.writable(static_cast<std::size_t>(node.row));
  node.scale = with_element(tree.dtype(),
                            [&]<typename Element>() { return write_elements<Element>(mean, row); });
}

void read_mean(const TreeState& tree, const TreeNode& node, std::span<float> mean) noexcept {
  const std::byte* row = tree.embedding(node);
  with_element(tree.dtype(), [&]<typename Element>() {
    for (std::size_t d = 0; d < mean.size(); ++d) {
      mean[d] = node.scale * load_element<Element>(row, d);
    }
  });
}

void visit_sums(const TreeState& tree, std::int32_t root, const CallContext& context, Visit visit) {
  Cut cut = cut_below(tree, root);
  std::vector<std::vector<double>> task_sums(cut.tasks.size());
  context.parallel_for(cut.tasks.size(), [&](std::size_t task) {
    task_sums[task] = Walk(tree, visit).run(cut.tasks[task]);
  });
  std::unordered_map<std::int32_t, std::vector<double>> sums;
  for (std::size_t task = 0; task < cut.tasks.size(); ++task) {
    sums.emplace(cut.tasks[task], std::move(task_sums[task]));
  }
  // In preorder parents come first, so backwards they come last.
  for (auto at = cut.upper.rbegin(); at != cut.upper.rend(); ++at) {
    const std::int32_t child = tree.nodes[*at].first_child;
    std::vector<double> sum = std::move(sums.extract(child).mapped());
    const std::vector<double> other = std::move(sums.extract(child + 1).mapped());
    for (std::size_t d = 0; d < sum.size(); ++d) sum[d] += other[d];
    visit(*at, sum);
    sums.emplace(*at, std::move(sum));
  }
}

}  // namespace kleio
