#include "cuda/rank_results.h"

#include <cstring>
#include <vector>

#include "core/lifelong_choice.h"

namespace kleio::cuda {
namespace {

// An array with a row for every candidate that comes down.
struct Column {
  const void* device;
  std::size_t row_bytes;
  void* (*rows)(const RankingView& ranking);  // of a whole ranking
};

}  // namespace

RankResults::RankResults(const RankBatch& batch, const RankModelParams& model,
                         MemoryLayout& workspace)
    : batch_(batch),
      tower_width_(model.tower_width),
      interest_width_(batch.kind().interests ? model.kept_tiers + model.lifelong_width : 0) {
  tower_inputs_ = workspace.add<float>(batch.count() * tower_width_);
  arrivals_ = workspace.add<std::uint32_t>(tiles());
  probabilities_ = workspace.add<float>(batch.count());
  interests_ = workspace.add<float>(batch.count() * interest_width_);
}

std::size_t RankResults::tiles() const noexcept {
  return (batch_.count() + kTowerTile - 1) / kTowerTile;
}

void RankResults::prepare(std::byte* workspace, Lane& lane, RankParams& params) const {
  params.tower_inputs = at<float>(workspace, tower_inputs_);
  params.arrivals = at<std::uint32_t>(workspace, arrivals_);
  params.probabilities = at<float>(workspace, probabilities_);
  params.interests = interest_width_ == 0 ? nullptr : at<float>(workspace, interests_);
  lane.device().fill(params.arrivals, 0, tiles() * sizeof(std::uint32_t), lane.stream());
}

void RankResults::collect(const RankParams& params, Lane& lane) const {
  const RankKind& kind = batch_.kind();
  std::vector<Column> columns = {
      {params.probabilities, sizeof(float),
       [](const RankingView& ranking) -> void* { return ranking.probabilities.data(); }}};
  if (kind.interests) {
    columns.push_back({params.interests, interest_width_ * sizeof(float),
                       [](const RankingView& r) -> void* { return r.interests.data(); }});
  }
  if (kind.tower_inputs) {
    columns.push_back({params.tower_inputs, tower_width_ * sizeof(float),
                       [](const RankingView& r) -> void* { return r.tower_inputs.data(); }});
  }
  if (chooses_by_other_scores(kind.unit)) {
    columns.push_back({params.scores, kind.k * sizeof(float),
                       [](const RankingView& r) -> void* { return r.kept.scores.data(); }});
  }
  std::size_t bytes = 0;
  for (const Column& column : columns) bytes += batch_.count() * column.row_bytes;
  const std::byte* host = lane.outputs(bytes);
  std::byte* to = lane.outputs(bytes);
  for (const Column& column : columns) {
    const std::size_t size = batch_.count() * column.row_bytes;
    lane.device().download(to, column.device, size, lane.stream());
    to += size;
  }
  lane.synchronise();
  for (const Column& column : columns) {
    for (const RankSlice& slice : batch_.slices()) {
      auto* const rows = static_cast<std::byte*>(column.rows(*slice.ranking));
      const std::size_t size = slice.count * column.row_bytes;
      std::memcpy(rows + slice.first * column.row_bytes, host, size);
      host += size;
    }
  }
}

}  // namespace kleio::cuda
