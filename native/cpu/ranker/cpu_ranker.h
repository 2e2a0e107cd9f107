// The MUSE ranker on the CPU: search, then one fused pass over tiles of candidates.
#pragma once

#include <memory>

#include "core/backend.h"
#include "core/lease_pool.h"
#include "core/ranking.h"
#include "cpu/ranker/behaviour_projections.h"
#include "cpu/ranker/ranker_layers.h"
#include "cpu/scan/scan_kernels.h"
#include "cpu/simd/float_kernels.h"

namespace kleio {

class CpuRanker final : public RankerSession {
 public:
  // Searches with the backend of each history.
  CpuRanker(std::shared_ptr<const RankerModel> model, const CpuKernels& kernels,
            const FloatKernels& float_kernels);

  void rank(const HistorySnapshot& history, const RankRequest& request, const CallContext& context,
            RankingView ranking) const override;

 private:
  void score_kept(const HistorySnapshot& history, const RankRequest& request, KeptView kept) const;

  std::shared_ptr<const RankerModel> model_;
  const CpuKernels& kernels_;
  const FloatKernels& float_kernels_;
  RankerLayers layers_;
  mutable LeasePool<BehaviourProjections> projections_;
};

}  // namespace kleio
