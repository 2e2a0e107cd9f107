#include "cpu/ranker/cpu_ranker.h"

#include <algorithm>
#include <atomic>

#include "core/lifelong_choice.h"
#include "cpu/ranker/behaviour_projections.h"
#include "cpu/ranker/candidate_tile.h"
#include "cpu/ranker/request_context.h"
#include "cpu/ranker/row_cosines.h"

namespace kleio {

CpuRanker::CpuRanker(std::shared_ptr<const RankerModel> model, const CpuKernels& kernels,
                     const FloatKernels& float_kernels)
    : model_(std::move(model)),
      kernels_(kernels),
      float_kernels_(float_kernels),
      layers_(*model_, float_kernels_) {}

void CpuRanker::rank(const HistorySnapshot& history, const RankRequest& request,
                     const CallContext& context, RankingView ranking) const {
  choose_lifelong(*model_, *history.backend, history, request, context, ranking.kept);
  if (chooses_by_other_scores(request.unit)) score_kept(history, request, ranking.kept);
  const RequestContext shared(*model_, layers_, float_kernels_, history, request);
  const auto projections = projections_.lend();
  projections->prepare(*model_, layers_, float_kernels_, history, ranking.kept.positions(),
                       context);
  const std::size_t candidates = request.items.size();
  constexpr std::size_t kTile = CandidateTileRanker::kCandidates;
  const std::size_t tiles = (candidates + kTile - 1) / kTile;
  const std::size_t workers = std::min(context.threads(), tiles);
  std::atomic<std::size_t> next_tile{0};
  context.parallel_for(workers, [&](std::size_t) {
    CandidateTileRanker ranker(*model_, layers_, float_kernels_, kernels_, shared, *projections,
                               request, ranking);
    for (std::size_t tile; (tile = next_tile.fetch_add(1)) < tiles;) {
      context.throw_if_cancelled();
      ranker.rank(tile * kTile, std::min(kTile, candidates - tile * kTile));
    }
  });
}

// SimTier and the attention read the cosines of what other scores chose.
void CpuRanker::score_kept(const HistorySnapshot& history, const RankRequest& request,
                           KeptView kept) const {
  const Table& table = *model_->similarity_table;
  std::vector<SimilarityRow> rows(request.k);
  for (std::size_t c = 0; c < request.items.size(); ++c) {
    const std::int32_t* positions = kept.positions().data() + c * request.k;
    std::size_t count = 0;
    for (; count < request.k && positions[count] >= 0; ++count) {
      const std::int32_t row = history.row_of(history.first() + positions[count]);
      rows[count] = row < 0 ? SimilarityRow{} : similarity_row(table, row);
    }
    Similarity similarity(table, kernels_, {rows.data(), count});
    similarity.cosines(
        similarity_row(table, table.row_of(request.items[c], request.similarity_rows)),
        kept.scores().data() + c * request.k);
  }
}

}  // namespace kleio
