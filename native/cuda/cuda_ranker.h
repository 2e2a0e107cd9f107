// The MUSE ranker on a device: search, then one launch for all candidates.
#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include "core/backend.h"
#include "core/ranker_model.h"
#include "core/ranking.h"
#include "cuda/device_memory.h"
#include "cuda/device_model.h"
#include "cuda/lane.h"
#include "cuda/rank_batch.h"

namespace kleio::cuda {

// What a ranker takes from the backend that makes it and outlives it.
struct RankerServices {
  DeviceMemory& memory;
  LanePool& lanes;
  const Backend& search;                     // of histories of this device
  std::atomic<std::uint64_t>& cpu_rankings;  // counts what the CPU ranked instead
};

class CudaRanker final : public RankerSession {
 public:
  // `similarity` is the model's similarity table on the device and stays there. `cpu` ranks what
  // does not fit the device's shared memory, with this device's search.
  CudaRanker(std::shared_ptr<const RankerModel> model, const TableParams& similarity,
             std::unique_ptr<const RankerSession> cpu, const RankerServices& services);

  void rank(const HistorySnapshot& history, const RankRequest& request, ThreadPool& pool,
            const std::atomic<bool>& cancelled, RankingView ranking) const override;
  void rank_many(std::span<const HistoryRanking> rankings, ThreadPool& pool,
                 const std::atomic<bool>& cancelled) const override;

 private:
  void rank_slices(std::vector<RankSlice> slices, ThreadPool& pool,
                   const std::atomic<bool>& cancelled) const;
  void rank_kind(const RankKind& kind, std::vector<RankSlice> slices, ThreadPool& pool,
                 const std::atomic<bool>& cancelled) const;
  void launch(const RankBatch& batch, const RankPlan& plan, Lane& lane) const;

  std::shared_ptr<const RankerModel> model_;
  std::unique_ptr<const RankerSession> cpu_;
  RankerServices services_;
  DeviceModel device_model_;
};

}  // namespace kleio::cuda
