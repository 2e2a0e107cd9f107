// Scoring the nodes of a level, the step that a beam search repeats: in one batch, by whatever
// scorer, on whatever device. The CPU's implementations are two_tower.h and miss_scorer.h; a device
// implements the same two classes.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>

#include "core/call_context.h"
#include "core/history_snapshot.h"
#include "tree/scorer_model.h"
#include "tree/tree_state.h"

namespace kleio {

// Where the time of a request went, in microseconds.
struct StageTimes {
  double prepare_us = 0;        // the user, and the behaviours' keys and values
  double collaborative_us = 0;  // the two general search units
  double multimodal_us = 0;
  double attend_us = 0;  // attention and MLP
};

// What a request brings, alive until it is answered.
struct ScoreRequest {
  const TreeState& tree;
  std::shared_ptr<const HistorySnapshot> history;  // may be nullptr for scorers that read none
  std::span<const float> user;
  Lists lists = Lists::kBoth;
  const CallContext& context;
};

// One request's scorer.
class LevelScorer {
 public:
  virtual ~LevelScorer() = default;
  // Fills the logit of each node. A node's logit depends on the node alone, not on its company.
  // Throws kAborted, kOutOfMemory.
  virtual void score(std::span<const std::int32_t> nodes, std::span<float> logits) = 0;
  // Of all levels so far; none of scorers that are one stage.
  virtual std::optional<StageTimes> times() const noexcept { return std::nullopt; }
};

// A scorer ready for requests; safe to call from many threads at once.
class NodeScorer {
 public:
  virtual ~NodeScorer() = default;
  // `request` outlives what is returned.
  virtual std::unique_ptr<LevelScorer> begin(const ScoreRequest& request) const = 0;
};

}  // namespace kleio
