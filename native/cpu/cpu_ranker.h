// The MUSE ranker on the CPU: search, then one fused pass over tiles of candidates.
#pragma once

#include <memory>

#include "core/backend.h"
#include "core/ranking.h"
#include "cpu/behaviour_projections.h"
#include "cpu/float_kernels.h"
#include "cpu/kernels.h"
#include "cpu/lease_pool.h"
#include "cpu/ranker_layers.h"

namespace kleio {

class CpuRanker final : public RankerSession {
 public:
  // Searches with the backend of each history.
  CpuRanker(std::shared_ptr<const RankerModel> model, Isa isa);

  void rank(const HistorySnapshot& history, const RankRequest& request, ThreadPool& pool,
            const std::atomic<bool>& cancelled, RankingView ranking) const override;

 private:
  void score_kept(const HistorySnapshot& history, const RankRequest& request, KeptView kept) const;

  std::shared_ptr<const RankerModel> model_;
  const CpuKernels& kernels_;
  const FloatKernels& float_kernels_;
  RankerLayers layers_;
  mutable LeasePool<BehaviourProjections> projections_;
};

}  // namespace kleio
