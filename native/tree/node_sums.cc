#include "tree/node_sums.h"

#include <algorithm>
#include <bit>
#include <cassert>
#include <cmath>
#include <cstring>
#include <unordered_map>

namespace kleio {
namespace {

// Items below the nodes that are one task: some hundred microseconds.
constexpr std::uint32_t kTaskLeaves = 4096;

// The nearest number of so many significant bits that is a multiple of 2^least_exponent, ties to
// even: rounded once, where going through float32 would round twice.
float nearest_of(double value, int significant_bits, int least_exponent) noexcept {
  if (value == 0) return 0;
  const int exponent = std::ilogb(value) + 1 - significant_bits;
  const double step = std::ldexp(1.0, std::max(exponent, least_exponent));
  return static_cast<float>(std::nearbyint(value / step) * step);
}

std::uint16_t bfloat16_from(double value) noexcept {
  return static_cast<std::uint16_t>(std::bit_cast<std::uint32_t>(nearest_of(value, 8, -133)) >> 16);
}

std::uint16_t half_from(double value) noexcept {
  const float nearest = nearest_of(value, 11, -24);
  const auto bits = std::bit_cast<std::uint32_t>(nearest);
  const auto sign = static_cast<std::uint16_t>(bits >> 16 & 0x8000u);
  const float magnitude = std::fabs(nearest);
  if (magnitude < 0x1p-14f) {  // subnormal: a multiple of 2^-24
    return static_cast<std::uint16_t>(sign | static_cast<std::uint16_t>(magnitude * 0x1p24f));
  }
  return static_cast<std::uint16_t>(sign |
                                    (std::bit_cast<std::uint32_t>(magnitude) - (112u << 23)) >> 13);
}

template <typename Element>
void store(std::byte* row, std::size_t index, Element element) noexcept {
  std::memcpy(row + index * sizeof element, &element, sizeof element);
}

float write_codes(std::span<const double> mean, std::byte* codes) noexcept {
  double largest = 0;
  for (const double value : mean) largest = std::max(largest, std::fabs(value));
  const double step = largest / 127;
  for (std::size_t d = 0; d < mean.size(); ++d) {
    const double code = step == 0 ? 0 : std::nearbyint(mean[d] / step);
    store(codes, d, static_cast<std::int8_t>(code));
  }
  return static_cast<float>(step);
}

void write_floats(std::span<const double> mean, Dtype dtype, std::byte* row) noexcept {
  for (std::size_t d = 0; d < mean.size(); ++d) {
    if (dtype == Dtype::kFloat32) {
      store(row, d, static_cast<float>(mean[d]));
    } else {
      store(row, d, dtype == Dtype::kFloat16 ? half_from(mean[d]) : bfloat16_from(mean[d]));
    }
  }
}

using Visit = FunctionRef<void(std::int32_t place, std::span<const double> sum)>;

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
      const TreeNode& node = tree_.nodes[step.place];
      if (node.is_leaf()) {
        push_item(node.row);
      } else if (step.children_done) {
        join(step.place);
      } else {
        steps.push_back({step.place, true});
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
    std::int32_t place;
    bool children_done;
  };

  void push_item(std::int32_t item) {
    if (held_ == sums_.size()) sums_.emplace_back(tree_.dim());
    std::vector<double>& sum = sums_[held_++];
    std::fill(sum.begin(), sum.end(), 0.0);
    add_item(tree_, item, 1, sum);
  }

  void join(std::int32_t place) {
    assert(held_ >= 2);
    --held_;
    std::vector<double>& sum = sums_[held_ - 1];
    for (std::size_t d = 0; d < sum.size(); ++d) sum[d] += sums_[held_][d];
    visit_(place, sum);
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
    const std::int32_t place = left.back();
    left.pop_back();
    const TreeNode& node = tree.nodes[place];
    if (node.leaves <= kTaskLeaves) {
      cut.tasks.push_back(place);
      continue;
    }
    cut.upper.push_back(place);
    left.push_back(node.first_child + 1);
    left.push_back(node.first_child);
  }
  return cut;
}

}  // namespace

void add_item(const TreeState& tree, std::int32_t item, double sign,
              std::span<double> sum) noexcept {
  const std::byte* row = tree.item_embedding(item);
  if (tree.dtype() == Dtype::kInt8) {
    const auto* codes = reinterpret_cast<const std::int8_t*>(row);
    for (std::size_t d = 0; d < sum.size(); ++d) sum[d] += sign * codes[d];
    return;
  }
  for (std::size_t d = 0; d < sum.size(); ++d) {
    sum[d] += sign * static_cast<double>(load_float(row, tree.dtype(), d));
  }
}

void add_items_below(const TreeState& tree, std::int32_t place, std::span<double> sum) {
  std::vector<std::int32_t> left{place};
  while (!left.empty()) {
    const TreeNode& node = tree.nodes[left.back()];
    left.pop_back();
    if (node.is_leaf()) {
      add_item(tree, node.row, 1, sum);
    } else {
      left.push_back(node.first_child + 1);
      left.push_back(node.first_child);
    }
  }
}

void write_mean(TreeState& tree, std::int32_t place, std::span<const double> sum) {
  TreeNode& node = tree.nodes.writable(place);
  assert(!node.is_leaf() && node.leaves > 0 && sum.size() == tree.dim());
  std::vector<double> mean(sum.begin(), sum.end());
  for (double& value : mean) value /= node.leaves;
  std::byte* row = tree.means.writable(static_cast<std::size_t>(node.row));
  if (tree.dtype() == Dtype::kInt8) {
    node.scale = write_codes(mean, row);
  } else {
    write_floats(mean, tree.dtype(), row);
    node.scale = 1;
  }
}

void read_mean(const TreeState& tree, const TreeNode& node, std::span<float> mean) noexcept {
  const std::byte* row = tree.embedding(node);
  const bool codes = tree.dtype() == Dtype::kInt8;
  for (std::size_t d = 0; d < mean.size(); ++d) {
    const float element = codes ? static_cast<float>(static_cast<std::int8_t>(row[d]))
                                : load_float(row, tree.dtype(), d);
    mean[d] = node.scale * element;
  }
}

void visit_sums(const TreeState& tree, std::int32_t root, ThreadPool& pool,
                std::uint32_t max_threads, Visit visit) {
  Cut cut = cut_below(tree, root);
  std::vector<std::vector<double>> task_sums(cut.tasks.size());
  pool.parallel_for(cut.tasks.size(), max_threads, [&](std::size_t task) {
    task_sums[task] = Walk(tree, visit).run(cut.tasks[task]);
  });
  std::unordered_map<std::int32_t, std::vector<double>> sums;
  for (std::size_t task = 0; task < cut.tasks.size(); ++task) {
    sums.emplace(cut.tasks[task], std::move(task_sums[task]));
  }
  // In preorder parents come first, so backwards they come last.
  for (auto place = cut.upper.rbegin(); place != cut.upper.rend(); ++place) {
    const std::int32_t child = tree.nodes[*place].first_child;
    std::vector<double> sum = std::move(sums.extract(child).mapped());
    const std::vector<double> other = std::move(sums.extract(child + 1).mapped());
    for (std::size_t d = 0; d < sum.size(); ++d) sum[d] += other[d];
    visit(*place, sum);
    sums.emplace(*place, std::move(sum));
  }
}

}  // namespace kleio
