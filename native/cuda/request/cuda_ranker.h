// The MUSE ranker on a device: rankings as launches, however many users they are of.
#pragma once

#include <memory>
#include <span>
#include <vector>

#include "core/backend.h"
#include "core/ranker_model.h"
#include "core/ranking.h"
#include "cuda/device/device_context.h"
#include "cuda/request/rank_batch.h"
#include "cuda/residency/device_model.h"
#include "cuda/residency/resident_table.h"

namespace kleio::cuda {

class CudaRanker final : public RankerSession {
 public:
  // `similarity` is the model's similarity table on the device, `search` the backend whose
  // histories these are; it outlives this. `cpu` ranks what does not fit the device's shared
  // memory. Throws kOutOfMemory, kDevice, kDeviceLost.
  CudaRanker(std::shared_ptr<const RankerModel> model,
             std::shared_ptr<const ResidentTable> similarity, const Backend& search,
             std::unique_ptr<const RankerSession> cpu, std::shared_ptr<DeviceContext> context);

  void rank(const HistorySnapshot& history, const RankRequest& request, const CallContext& context,
            RankingView ranking) const override;
  void rank_many(std::span<const HistoryRanking> rankings,
                 const CallContext& context) const override;

 private:
  void answer(std::span<const RankQuestion> questions, const CallContext& context) const;
  void answer_kind(const RankKind& kind, std::vector<RankSlice> slices,
                   const CallContext& context) const;
  void answer_together(const RankKind& kind, const RankPlan& plan,
                       std::span<const RankSlice> slices, const CallContext& context) const;

  std::shared_ptr<const RankerModel> model_;
  std::shared_ptr<const ResidentTable> similarity_;
  const Backend& search_;
  std::unique_ptr<const RankerSession> cpu_;
  std::shared_ptr<DeviceContext> context_;
  DeviceModel device_model_;
};

}  // namespace kleio::cuda
