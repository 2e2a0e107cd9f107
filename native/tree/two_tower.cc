#include "tree/two_tower.h"

#include <algorithm>
#include <utility>
#include <vector>

#include "core/score.h"
#include "tree/node_sums.h"

namespace kleio {
namespace {

constexpr std::size_t kTaskNodes = 1024;

float inner_product(std::span<const float> user, const float* node) noexcept {
  double sum = 0;
  for (std::size_t d = 0; d < user.size(); ++d) {
    sum += static_cast<double>(user[d]) * static_cast<double>(node[d]);
  }
  return rounded_score(sum);
}

// Gives each node's vector to an inner product with the user; a batch is divided among threads.
template <typename VectorOf>
class InnerProducts final : public LevelScorer {
 public:
  InnerProducts(const ScoreRequest& request, VectorOf vector_of)
      : request_(request), vector_of_(std::move(vector_of)) {}

  void score(std::span<const std::int32_t> nodes, std::span<float> logits) override {
    const std::size_t tasks = (nodes.size() + kTaskNodes - 1) / kTaskNodes;
    request_.context.parallel_for(tasks, [&](std::size_t task) {
      request_.context.throw_if_cancelled();
      std::vector<float> scratch(request_.user.size());
      const std::size_t end = std::min((task + 1) * kTaskNodes, nodes.size());
      for (std::size_t i = task * kTaskNodes; i < end; ++i) {
        const TreeNode& node = request_.tree.nodes[nodes[i]];
        logits[i] = inner_product(request_.user, vector_of_(node, scratch));
      }
    });
  }

 private:
  const ScoreRequest& request_;
  VectorOf vector_of_;
};

class MeanScorer final : public NodeScorer {
 public:
  std::unique_ptr<LevelScorer> begin(const ScoreRequest& request) const override {
    const auto mean_of = [&tree = request.tree](const TreeNode& node, std::span<float> scratch) {
      read_mean(tree, node, scratch);
      return static_cast<const float*>(scratch.data());
    };
    return std::make_unique<InnerProducts<decltype(mean_of)>>(request, mean_of);
  }
};

class TwoTowerScorer final : public NodeScorer {
 public:
  explicit TwoTowerScorer(std::shared_ptr<const ScorerModel> model) : model_(std::move(model)) {}

  std::unique_ptr<LevelScorer> begin(const ScoreRequest& request) const override {
    const auto embedding_of = [this, &tree = request.tree](const TreeNode& node, std::span<float>) {
      return node.is_leaf() ? model_->item_embedding(tree.id_of(node.row))
                            : model_->node_embedding(node.feature);
    };
    return std::make_unique<InnerProducts<decltype(embedding_of)>>(request, embedding_of);
  }

 private:
  std::shared_ptr<const ScorerModel> model_;
};

}  // namespace

std::unique_ptr<NodeScorer> make_mean_scorer() {
  return std::make_unique<MeanScorer>();
}

std::unique_ptr<NodeScorer> make_two_tower_scorer(std::shared_ptr<const ScorerModel> model) {
  return std::make_unique<TwoTowerScorer>(std::move(model));
}

}  // namespace kleio
