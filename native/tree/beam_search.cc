#include "tree/beam_search.h"

#include <algorithm>
#include <functional>
#include <limits>
#include <optional>

#include "core/order.h"

namespace kleio {
namespace {

// Larger first: the logit above, the complement of a place in the order of numbers below.
OrderKey key_of(float logit, std::size_t place) noexcept {
  const float ordered = logit == logit ? logit : -std::numeric_limits<float>::infinity();
  return order_key(ordered + 0.0f, ~static_cast<std::uint32_t>(place));
}

std::size_t place_of(OrderKey key) noexcept {
  return ~position_of(key);
}

// The `most` largest come first, in any order.
void select_best(std::vector<OrderKey>& keys, std::size_t most) {
  if (keys.size() <= most) return;
  std::nth_element(keys.begin(), keys.begin() + static_cast<std::ptrdiff_t>(most), keys.end(),
                   std::greater<>());
  keys.resize(most);
}

void sort_best_first(std::vector<OrderKey>& keys) {
  std::sort(keys.begin(), keys.end(), std::greater<>());
}

// Whatever it walks is in the order of the nodes' numbers, which are breadth first: so a place
// tells two nodes apart as their numbers would, and no number needs to be known.
class Search {
 public:
  Search(const TreeState& tree, const NodeFilter& filter, const BeamOptions& options,
         LevelScorer& scorer, Cancellation cancellation)
      : tree_(tree),
        filter_(filter),
        options_(options),
        scorer_(scorer),
        cancellation_(cancellation) {}

  Retrieved run() {
    if (options_.keep_levels) numbers_.emplace(tree_);
    if (!tree_.empty() && filter_.admits(0)) {
      find_start();
      while (!frontier_.empty()) descend();
    }
    select_best(pool_, options_.count);
    sort_best_first(pool_);
    for (const OrderKey key : pool_) {
      retrieved_.items.push_back(pooled_items_[place_of(key)]);
      retrieved_.logits.push_back(score_of(key));
    }
    return std::move(retrieved_);
  }

 private:
  bool is_start(std::size_t level_nodes) const noexcept {
    return options_.start_level < 0 ? level_nodes > options_.beam
                                    : level_ >= static_cast<std::size_t>(options_.start_level);
  }

  void add_children(std::int32_t index, std::vector<std::int32_t>& below) const {
    const std::int32_t child = tree_.nodes[index].first_child;
    if (filter_.admits(child)) below.push_back(child);
    if (filter_.admits(child + 1)) below.push_back(child + 1);
  }

  // Goes down without scoring. Leaves above the first level are scored with it.
  void find_start() {
    std::vector<std::int32_t> level{0}, below, leaves;
    for (;; ++level_) {
      cancellation_.throw_if_requested();
      if (is_start(level.size())) break;
      below.clear();
      for (const std::int32_t index : level) {
        if (tree_.nodes[index].is_leaf()) {
          leaves.push_back(index);
        } else {
          add_children(index, below);
        }
      }
      if (below.empty()) {  // the last level: its leaves are all there is
        level.clear();
        break;
      }
      level.swap(below);
    }
    frontier_ = std::move(leaves);
    frontier_.insert(frontier_.end(), level.begin(), level.end());
  }

  // Scores the frontier, keeps the beam and goes to its children.
  void descend() {
    cancellation_.throw_if_requested();
    logits_.resize(frontier_.size());
    scorer_.score(frontier_, logits_);
    retrieved_.scored += frontier_.size();
    BeamLevel* shown = options_.keep_levels ? &retrieved_.levels.emplace_back() : nullptr;
    if (shown != nullptr) shown->level = level_;
    kept_.clear();
    for (std::size_t place = 0; place < frontier_.size(); ++place) {
      const TreeNode& node = tree_.nodes[frontier_[place]];
      const OrderKey key = key_of(logits_[place], place);
      if (!node.is_leaf()) {
        kept_.push_back(key);
        continue;
      }
      if (shown != nullptr) show(*shown, key);
      pool_.push_back(key_of(logits_[place], pooled_items_.size()));
      pooled_items_.push_back(node.row);
    }
    keep_beam(shown);
    below_.clear();
    for (const OrderKey key : kept_) add_children(frontier_[place_of(key)], below_);
    frontier_.swap(below_);
    ++level_;
  }

  // Leaves the beam in `kept_`, which stays in the order of the nodes.
  void keep_beam(BeamLevel* shown) {
    best_ = kept_;
    select_best(best_, options_.beam);
    if (best_.size() < kept_.size()) {
      const OrderKey least = *std::ranges::min_element(best_);
      std::erase_if(kept_, [least](OrderKey key) { return key < least; });
    }
    if (shown == nullptr) return;
    sort_best_first(best_);
    for (const OrderKey key : best_) show(*shown, key);
  }

  void show(BeamLevel& level, OrderKey key) const {
    level.nodes.push_back(numbers_->of(frontier_[place_of(key)]));
    level.logits.push_back(score_of(key));
  }

  const TreeState& tree_;
  const NodeFilter& filter_;
  const BeamOptions& options_;
  LevelScorer& scorer_;
  Cancellation cancellation_;
  std::optional<NodeNumbers> numbers_;  // of what levels show
  std::size_t level_ = 0;
  std::vector<std::int32_t> frontier_, below_;  // by their numbers
  std::vector<float> logits_;
  std::vector<OrderKey> kept_, best_;  // by the place in the frontier
  std::vector<OrderKey> pool_;         // by the place in `pooled_items_`
  std::vector<std::int32_t> pooled_items_;
  Retrieved retrieved_;
};

}  // namespace

Retrieved beam_search(const TreeState& tree, const NodeFilter& filter, const BeamOptions& options,
                      LevelScorer& scorer, Cancellation cancellation) {
  return Search(tree, filter, options, scorer, cancellation).run();
}

}  // namespace kleio
