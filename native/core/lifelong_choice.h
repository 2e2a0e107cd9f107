// Which behaviours a ranking keeps for each candidate, by any backend's search.
#pragma once

#include "core/backend.h"
#include "core/ranker_model.h"
#include "core/ranking.h"

namespace kleio {

// The search of LifelongUnit::kCosine.
Targets cosine_targets(const RankerModel& model, const RankRequest& request);
SearchOptions cosine_options(const RankRequest& request);

// Fills `kept.positions` by the request's unit. Scores are those of kCosine and kNone; the
// baselines choose by other scores than the cosines that SimTier and the attention read.
void choose_lifelong(const RankerModel& model, const Backend& search,
                     const HistorySnapshot& history, const RankRequest& request,
                     const CallContext& context, KeptView kept);

// True if `kept.scores` of that unit are still to be replaced by cosines.
constexpr bool chooses_by_other_scores(LifelongUnit unit) noexcept {
  return unit == LifelongUnit::kCategory || unit == LifelongUnit::kLearnedCosine;
}

}  // namespace kleio
