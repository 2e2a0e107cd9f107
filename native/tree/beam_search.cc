#include "tree/beam_search.h"

#include <algorithm>
#include <functional>
#include <limits>

#include "core/order.h"

namespace kleio {
namespace {

// Larger first: the logit above, the complement of the index below.
OrderKey key_of(float logit, std::int32_t index) noexcept {
  const float ordered = logit == logit ? logit : -std::numeric_limits<float>::infinity();
  return order_key(ordered + 0.0f, ~static_cast<std::uint32_t>(index));
}

std::int32_t node_of(OrderKey key) noexcept {
  return static_cast<std::int32_t>(~position_of(key));
}

// The `most` largest, in order.
void keep_best(std::vector<OrderKey>& keys, std::size_t most) {
  if (keys.size() > most) {
    std::nth_element(keys.begin(), keys.begin() + static_cast<std::ptrdiff_t>(most), keys.end(),
                     std::greater<>());
    keys.resize(most);
  }
  std::sort(keys.begin(), keys.end(), std::greater<>());
}

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
    if (!tree_.empty() && filter_.admits(0)) {
      find_start();
      while (!frontier_.empty()) descend();
    }
    keep_best(pool_, options_.count);
    for (const OrderKey key : pool_) {
      retrieved_.items.push_back(tree_.nodes[node_of(key)].row);
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
    frontier_ = std::move(level);
    frontier_.insert(frontier_.end(), leaves.begin(), leaves.end());
  }

  // Scores the frontier, keeps the beam and goes to its children.
  void descend() {
    cancellation_.throw_if_requested();
    logits_.resize(frontier_.size());
    scorer_.score(frontier_, logits_);
    retrieved_.scored += frontier_.size();
    kept_.clear();
    BeamLevel* shown = options_.keep_levels ? &retrieved_.levels.emplace_back() : nullptr;
    if (shown != nullptr) shown->level = level_;
    for (std::size_t i = 0; i < frontier_.size(); ++i) {
      const OrderKey key = key_of(logits_[i], frontier_[i]);
      const bool leaf = tree_.nodes[frontier_[i]].is_leaf();
      (leaf ? pool_ : kept_).push_back(key);
      if (leaf && shown != nullptr) show(*shown, key);
    }
    keep_best(kept_, options_.beam);
    frontier_.clear();
    for (const OrderKey key : kept_) {
      if (shown != nullptr) show(*shown, key);
      add_children(node_of(key), frontier_);
    }
    ++level_;
  }

  static void show(BeamLevel& level, OrderKey key) {
    level.nodes.push_back(node_of(key));
    level.logits.push_back(score_of(key));
  }

  const TreeState& tree_;
  const NodeFilter& filter_;
  const BeamOptions& options_;
  LevelScorer& scorer_;
  Cancellation cancellation_;
  std::size_t level_ = 0;
  std::vector<std::int32_t> frontier_;
  std::vector<float> logits_;
  std::vector<OrderKey> kept_, pool_;
  Retrieved retrieved_;
};

}  // namespace

Retrieved beam_search(const TreeState& tree, const NodeFilter& filter, const BeamOptions& options,
                      LevelScorer& scorer, Cancellation cancellation) {
  return Search(tree, filter, options, scorer, cancellation).run();
}

}  // namespace kleio
