// The rankings that one launch serves, as the kernel reads them.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "core/call_context.h"
#include "core/ranker_model.h"
#include "core/ranking.h"
#include "cuda/device/upload_block.h"
#include "cuda/kernels/rank_params.h"
#include "cuda/request/shape_buckets.h"
#include "cuda/residency/resident_history.h"

namespace kleio::cuda {

// One ranking, with the rows of what it names.
struct RankQuestion {
  const HistorySnapshot* history = nullptr;
  const RankRequest* request = nullptr;
  RankingView ranking;
  Targets targets;        // the search of LifelongUnit::kCosine
  SearchOptions options;  // likewise
  std::vector<CandidateRows> candidates;
  std::size_t max_threads = 0;

  // Finds the rows, with the help of the call's threads where there are many.
  static RankQuestion of(const RankerModel& model, const HistorySnapshot& history,
                         const RankRequest& request, const RankingView& ranking,
                         const CallContext& context);

 private:
  void look_up(const RankerModel& model, std::size_t first, std::size_t end);
};

// Neighbouring candidates of one question.
struct RankSlice {
  const RankQuestion* question = nullptr;
  std::size_t first = 0;
  std::size_t count = 0;
};

// Rankings that agree in this share launches.
struct RankKind {
  std::uint32_t k = 0;
  LifelongUnit unit = LifelongUnit::kCosine;
  EmptyPlaces empty_places = EmptyPlaces::kRelease;
  bool interests = false;
  bool tower_inputs = false;

  static RankKind of(const RankQuestion& question) noexcept {
    return {question.request->k, question.request->unit, question.request->empty_places,
            !question.ranking.interests.empty(), !question.ranking.tower_inputs.empty()};
  }
  friend bool operator==(const RankKind&, const RankKind&) = default;

  // True if the launch itself selects what is kept; otherwise that is in the rankings before.
  bool selects() const noexcept { return unit == LifelongUnit::kCosine && k <= kMaxDeviceK; }
};

// Slices of one kind.
class RankBatch {
 public:
  RankBatch(const RankerModel& model, const RankKind& kind, std::span<const RankSlice> slices);

  const RankKind& kind() const noexcept { return kind_; }
  std::span<const RankSlice> slices() const noexcept { return slices_; }
  std::size_t count() const noexcept { return count_; }  // of candidates
  std::size_t places() const noexcept { return bucket_of(count_); }

  // Adds users and candidates, and what they keep unless the launch selects it, to the block, and
  // points `params` at them; how long that is depends on the buckets of the counts alone. There is
  // a history on the device for every slice; none are needed while counting.
  void add_to(UploadBlock& block, std::span<const ResidentHistory::Lease> histories,
              RankParams& params) const;

 private:
  void add_users(UploadBlock& block, std::span<const ResidentHistory::Lease> histories,
                 RankParams& params) const;
  void add_candidates(UploadBlock& block, RankParams& params) const;
  void add_kept(UploadBlock& block, RankParams& params) const;

  const RankerModel& model_;
  RankKind kind_;
  std::span<const RankSlice> slices_;
  std::size_t count_ = 0;
};

}  // namespace kleio::cuda
