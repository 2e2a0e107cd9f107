#include "cuda/request/rank_results.h"

#include <cstring>

#include "core/lifelong_choice.h"

namespace kleio::cuda {

RankResults::RankResults(const RankBatch& batch, const RankModelParams& model) : batch_(batch) {
  const RankKind& kind = batch.kind();
  probabilities_ = add<float>(1, true);
  positions_ = add<std::int32_t>(kind.k, kind.selects());
  scores_ = add<float>(kind.k, kind.selects() || chooses_by_other_scores(kind.unit));
  counts_ = add<SelectCounts>(1, kind.selects());
  interests_ = add<float>(model.kept_tiers + model.lifelong_width, kind.interests);
  tower_inputs_ = add<float>(model.tower_width, kind.tower_inputs);
}

template <typename Element>
RankResults::Column RankResults::add(std::size_t row_elements, bool wanted) noexcept {
  if (!wanted) return {};
  return {layout_.add<Element>(batch_.places() * row_elements), row_elements * sizeof(Element)};
}

void RankResults::place_in(std::byte* memory, RankParams& params) const noexcept {
  params.probabilities = at<float>(memory, probabilities_.offset);
  if (positions_.row_bytes > 0) params.positions = at<std::int32_t>(memory, positions_.offset);
  if (scores_.row_bytes > 0) params.scores = at<float>(memory, scores_.offset);
  if (interests_.row_bytes > 0) params.interests = at<float>(memory, interests_.offset);
  if (tower_inputs_.row_bytes > 0) params.tower_inputs = at<float>(memory, tower_inputs_.offset);
}

SearchOutputs RankResults::selected_in(std::byte* memory) const noexcept {
  return {at<std::int32_t>(memory, positions_.offset), at<float>(memory, scores_.offset),
          at<SelectCounts>(memory, counts_.offset)};
}

void RankResults::deliver(std::byte* downloaded) const noexcept {
  const auto copy = [&](const Column& column, auto rows_of) {
    if (column.row_bytes == 0) return;
    const std::byte* from = downloaded + column.offset;
    for (const RankSlice& slice : batch_.slices()) {
      auto* const rows = reinterpret_cast<std::byte*>(rows_of(slice.question->ranking).data());
      const std::size_t bytes = slice.count * column.row_bytes;
      std::memcpy(rows + slice.first * column.row_bytes, from, bytes);
      from += bytes;
    }
  };
  copy(probabilities_, [](const RankingView& ranking) { return ranking.probabilities; });
  copy(positions_, [](const RankingView& ranking) { return ranking.kept.positions(); });
  copy(scores_, [](const RankingView& ranking) { return ranking.kept.scores(); });
  copy(interests_, [](const RankingView& ranking) { return ranking.interests; });
  copy(tower_inputs_, [](const RankingView& ranking) { return ranking.tower_inputs; });
}

SelectCounts RankResults::cost(std::byte* downloaded) const noexcept {
  SelectCounts total;
  if (counts_.row_bytes == 0) return total;
  const auto* counts = at<SelectCounts>(downloaded, counts_.offset);
  for (std::size_t candidate = 0; candidate < batch_.count(); ++candidate) {
    total.visited_rows += counts[candidate].visited_rows;
    total.compactions += counts[candidate].compactions;
    total.overflows += counts[candidate].overflows;
  }
  return total;
}

}  // namespace kleio::cuda
