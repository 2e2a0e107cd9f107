// The rankings that one launch serves, as the kernel reads them.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "core/ranker_model.h"
#include "core/ranking.h"
#include "cuda/rank_params.h"
#include "cuda/resident_history.h"
#include "cuda/upload_block.h"

namespace kleio::cuda {

// Neighbouring candidates of one ranking.
struct RankSlice {
  const HistorySnapshot* history = nullptr;
  const RankRequest* request = nullptr;
  const RankingView* ranking = nullptr;
  std::size_t first = 0;
  std::size_t count = 0;
};

// Rankings that agree in this share launches.
struct RankKind {
  std::uint32_t k = 0;
  LifelongUnit unit = LifelongUnit::kMuse;
  EmptyPlaces empty_places = EmptyPlaces::kRelease;
  bool interests = false;
  bool tower_inputs = false;

  static RankKind of(const RankRequest& request, const RankingView& ranking) noexcept {
    return {request.k, request.unit, request.empty_places, !ranking.interests.empty(),
            !ranking.tower_inputs.empty()};
  }
  friend bool operator==(const RankKind&, const RankKind&) = default;
};

// Slices of one kind.
class RankBatch {
 public:
  RankBatch(const RankerModel& model, const RankKind& kind, std::span<const RankSlice> slices);

  const RankKind& kind() const noexcept { return kind_; }
  std::span<const RankSlice> slices() const noexcept { return slices_; }
  std::size_t count() const noexcept { return count_; }  // of candidates

  // Adds users, candidates and what they keep to the block and points `params` at them. There is a
  // history on the device for every slice; none are needed while counting.
  void add_to(UploadBlock& block, std::span<const ResidentHistory::Lease> histories,
              RankParams& params) const;

 private:
  void write_candidates(const RankSlice& slice, std::uint32_t user, CandidateRows* out) const;
  UserParams add_user(UploadBlock& block, const RankSlice& slice) const;
  void add_kept(UploadBlock& block, RankParams& params) const;
  static void write_recent(const HistorySnapshot& history, std::span<BehaviourRows> recent);

  const RankerModel& model_;
  RankKind kind_;
  std::span<const RankSlice> slices_;
  std::size_t count_ = 0;
};

}  // namespace kleio::cuda
