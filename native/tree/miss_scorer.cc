#include "tree/miss_scorer.h"

#include <algorithm>
#include <atomic>
#include <chrono>
#include <utility>
#include <vector>

#include "core/backend.h"
#include "tree/node_tile.h"
#include "tree/scorer_behaviours.h"
#include "tree/scorer_layers.h"

namespace kleio {
namespace {

using Clock = std::chrono::steady_clock;

// Nodes that are searched at once: twice a beam of 1000 and more; a wider level takes several.
constexpr std::size_t kBatchNodes = 4096;

double microseconds_since(Clock::time_point start) noexcept {
  return std::chrono::duration<double, std::micro>(Clock::now() - start).count();
}

class MissLevelScorer final : public LevelScorer {
 public:
  MissLevelScorer(const ScorerModel& model, const ScorerLayers& layers, const FloatKernels& kernels,
                  const ScoreRequest& request, Clock::time_point begun)
      : model_(model),
        layers_(layers),
        kernels_(kernels),
        request_(request),
        behaviours_(model, layers, kernels, request) {
    times_.prepare_us = microseconds_since(begun);
  }

  void score(std::span<const std::int32_t> nodes, std::span<float> logits) override {
    for (std::size_t first = 0; first < nodes.size(); first += kBatchNodes) {
      const std::size_t count = std::min(kBatchNodes, nodes.size() - first);
      score_batch(nodes.subspan(first, count), logits.subspan(first, count));
    }
  }

  std::optional<StageTimes> times() const noexcept override { return times_; }

 private:
  bool searches(Lists only) const noexcept {
    return request_.lists == Lists::kBoth || request_.lists == only;
  }

  void score_batch(std::span<const std::int32_t> nodes, std::span<float> logits) {
    gather_embeddings(nodes);
    NodeBatch batch;
    batch.embeddings = embeddings_.data();
    batch.stride = layers_.padded_dim;
    batch.collaborative = collaborative_.cleared(nodes.size(), model_.keep_top);
    batch.multimodal = multimodal_.cleared(nodes.size(), model_.keep_top);
    batch.logits = logits;
    auto begun = Clock::now();
    if (searches(Lists::kCollaborative)) search_collaborative(nodes.size(), batch.collaborative);
    times_.collaborative_us += microseconds_since(begun);
    begun = Clock::now();
    if (searches(Lists::kMultimodal)) search_multimodal(nodes, batch.multimodal);
    times_.multimodal_us += microseconds_since(begun);
    begun = Clock::now();
    attend(batch);
    times_.attend_us += microseconds_since(begun);
  }

  void gather_embeddings(std::span<const std::int32_t> nodes) {
    float* embedding = embeddings_.require(nodes.size() * layers_.padded_dim);
    for (const std::int32_t index : nodes) {
      const TreeNode& node = request_.tree.nodes[index];
      const float* row = node.is_leaf() ? model_.item_embedding(request_.tree.id_of(node.row))
                                        : model_.node_embedding(node.feature);
      std::fill(std::copy_n(row, model_.dim, embedding), embedding + layers_.padded_dim, 0.0f);
      embedding += layers_.padded_dim;
    }
  }

  SearchOptions search_options(Unit unit) const {
    SearchOptions options;
    options.unit = unit;
    options.k = static_cast<std::uint32_t>(model_.keep_top);
    return options;
  }

  // The nodes' queries, one after the other as the search takes them.
  void project_queries(const PackedLinear& layer, float factor, std::size_t count,
                       std::size_t offset, std::size_t width, float* queries) {
    const std::size_t padded = layer.padded_outputs;
    float* projected = projected_.require(count * padded);
    kernels_.linear(layer, layer.bias.data(), Activation::kNone, embeddings_.data(),
                    layers_.padded_dim, count, projected, padded);
    for (std::size_t n = 0; n < count; ++n) {
      for (std::size_t d = 0; d < layer.outputs; ++d) {
        queries[n * width + offset + d] = factor * projected[n * padded + d];
      }
    }
  }

  void search_collaborative(std::size_t count, KeptView kept) {
    const HistorySnapshot& history = behaviours_.collaborative();
    const std::size_t width = history.table->dim();
    Targets targets;
    targets.count = count;
    std::vector<float> queries(count * width);
    if (model_.co_gsu == CoGsu::kProjected) {
      // Without 1 / sqrt(width), which changes no order.
      project_queries(layers_.co_query, 1, count, 0, width, queries.data());
    } else if (model_.co_gsu == CoGsu::kInner) {
      for (std::size_t n = 0; n < count; ++n) {
        std::copy_n(embeddings_.data() + n * layers_.padded_dim, width, &queries[n * width]);
      }
    } else {
      std::size_t offset = 0;
      for (std::size_t h = 0; h < layers_.lists.front().heads.size(); ++h) {
        const PackedLinear& query = layers_.lists.front().heads[h].query;
        const float scale = model_.lists.front().heads[h].scale;
        project_queries(query, scale, count, offset, width, queries.data());
        offset += query.outputs;
      }
    }
    const auto bytes = std::as_bytes(std::span(queries));
    targets.embeddings.assign(bytes.begin(), bytes.end());
    history.backend->search(history, targets, search_options(Unit::kDot), request_.context, kept);
  }

  void search_multimodal(std::span<const std::int32_t> nodes, KeptView kept) {
    const TreeState& tree = request_.tree;
    const std::size_t row_bytes = tree.base->row_bytes();
    Targets targets;
    targets.count = nodes.size();
    targets.embeddings.reserve(nodes.size() * row_bytes);
    for (const std::int32_t index : nodes) {
      const std::byte* codes = tree.embedding(tree.nodes[index]);
      targets.embeddings.insert(targets.embeddings.end(), codes, codes + row_bytes);
    }
    const HistorySnapshot& history = *request_.history;
    history.backend->search(history, targets, search_options(Unit::kCosine), request_.context,
                            kept);
  }

  void attend(const NodeBatch& batch) {
    constexpr std::size_t kTile = NodeTileScorer::kNodes;
    const std::size_t count = batch.logits.size();
    const std::size_t tiles = (count + kTile - 1) / kTile;
    const CallContext& context = request_.context;
    std::atomic<std::size_t> next_tile{0};
    context.parallel_for(std::min(context.threads(), tiles), [&](std::size_t) {
      NodeTileScorer scorer(model_, layers_, kernels_, behaviours_, batch);
      for (std::size_t tile; (tile = next_tile.fetch_add(1)) < tiles;) {
        context.throw_if_cancelled();
        scorer.score(tile * kTile, std::min(kTile, count - tile * kTile));
      }
    });
  }

  const ScorerModel& model_;
  const ScorerLayers& layers_;
  const FloatKernels& kernels_;
  const ScoreRequest& request_;
  ScorerBehaviours behaviours_;
  StageTimes times_;
  AlignedBuffer<float> embeddings_, projected_;
  KeptBuffer collaborative_, multimodal_;
};

class MissScorer final : public NodeScorer {
 public:
  MissScorer(std::shared_ptr<const ScorerModel> model, const FloatKernels& kernels)
      : model_(std::move(model)), kernels_(kernels), layers_(*model_, kernels_) {}

  std::unique_ptr<LevelScorer> begin(const ScoreRequest& request) const override {
    return std::make_unique<MissLevelScorer>(*model_, layers_, kernels_, request, Clock::now());
  }

 private:
  std::shared_ptr<const ScorerModel> model_;
  const FloatKernels& kernels_;
  ScorerLayers layers_;
};

}  // namespace

std::unique_ptr<NodeScorer> make_miss_scorer(std::shared_ptr<const ScorerModel> model,
                                             const FloatKernels& kernels) {
  return std::make_unique<MissScorer>(std::move(model), kernels);
}

}  // namespace kleio
