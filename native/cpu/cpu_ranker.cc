#include "cpu/cpu_ranker.h"

#include <algorithm>
#include <limits>

#include "core/error.h"
#include "cpu/behaviour_projections.h"
#include "cpu/candidate_tile.h"
#include "cpu/request_context.h"
#include "cpu/similarity.h"

namespace kleio {

CpuRanker::CpuRanker(std::shared_ptr<const RankerModel> model, const Backend& search, Isa isa)
    : model_(std::move(model)),
      search_(search),
      kernels_(kernels_for(isa)),
      float_kernels_(float_kernels_for(isa)),
      layers_(*model_, float_kernels_) {}

void CpuRanker::rank(const HistorySnapshot& history, const RankRequest& request, ThreadPool& pool,
                     const std::atomic<bool>& cancelled, RankingView ranking) const {
  keep(history, request, pool, cancelled, ranking.kept);
  const RequestContext context(*model_, layers_, float_kernels_, history, request);
  const auto projections = projections_.lend();
  projections->prepare(*model_, layers_, float_kernels_, history, ranking.kept.positions, pool,
                       request.max_threads);
  const std::size_t candidates = request.items.size();
  constexpr std::size_t kTile = CandidateTileRanker::kCandidates;
  const std::size_t tiles = (candidates + kTile - 1) / kTile;
  const std::size_t allowed = request.max_threads == 0 ? pool.threads() : request.max_threads;
  const std::size_t workers = std::min({allowed, pool.threads(), tiles});
  std::atomic<std::size_t> next_tile{0};
  pool.parallel_for(workers, request.max_threads, [&](std::size_t) {
    CandidateTileRanker ranker(*model_, layers_, float_kernels_, kernels_, context, *projections,
                               request, ranking);
    for (std::size_t tile; (tile = next_tile.fetch_add(1)) < tiles;) {
      if (cancelled.load(std::memory_order_relaxed)) {
        throw Error(ErrorCode::kAborted, "the ranking was aborted");
      }
      ranker.rank(tile * kTile, std::min(kTile, candidates - tile * kTile));
    }
  });
}

void CpuRanker::keep(const HistorySnapshot& history, const RankRequest& request, ThreadPool& pool,
                     const std::atomic<bool>& cancelled, KeptView kept) const {
  Targets targets;
  targets.count = request.items.size();
  SearchOptions options;
  options.k = request.k;
  options.max_threads = request.max_threads;
  switch (request.unit) {
    case LifelongUnit::kMuse:
      for (const std::int64_t item : request.items) {
        targets.rows.push_back(model_->similarity_table->row_of(item));
      }
      search_.search(history, targets, options, pool, cancelled, kept);
      return;
    case LifelongUnit::kSimHard:
      options.unit = Unit::kCategory;
      targets.categories = request.categories;
      search_.search(history, targets, options, pool, cancelled, kept);
      score_kept(history, request, kept);
      return;
    case LifelongUnit::kSimSoft:
      keep_by_item_embeddings(history, request, pool, kept);
      score_kept(history, request, kept);
      return;
    case LifelongUnit::kDin:
      std::fill(kept.positions.begin(), kept.positions.end(), -1);
      std::fill(kept.scores.begin(), kept.scores.end(), -std::numeric_limits<float>::infinity());
      return;
  }
}

// A baseline for comparisons: it gathers the embeddings in every request, where the similarity
// table's are packed once, when a behaviour is appended.
void CpuRanker::keep_by_item_embeddings(const HistorySnapshot& history, const RankRequest& request,
                                        ThreadPool& pool, KeptView kept) const {
  const FeatureView& items = model_->item;
  // Row 0 stands for every unknown item: it has no direction here, and zero rows are never kept.
  const auto gather = [&items](std::vector<float>& rows, std::int32_t row) {
    const auto end = rows.insert(rows.end(), items.width, 0.0f);
    if (row > 0) std::copy_n(items.embedding(row), items.width, end);
  };
  std::vector<float> behaviours, targets;
  behaviours.reserve(history.length() * items.width);
  for (std::int64_t s = history.first(); s < history.slot_of.end(); ++s) {
    gather(behaviours, history.item_rows[s]);
  }
  for (const std::int64_t item : request.items) gather(targets, items.row_of(item));
  const auto view = [&items](const std::vector<float>& rows) {
    return MatrixView{reinterpret_cast<const std::byte*>(rows.data()), rows.size() / items.width,
                      items.width, Dtype::kFloat32};
  };
  SearchOptions options;
  options.k = request.k;
  options.max_threads = request.max_threads;
  search_.top_k(view(behaviours), view(targets), options, pool, kept);
}

// The baselines choose by other scores; SimTier and the attention still read the cosines of what
// they chose.
void CpuRanker::score_kept(const HistorySnapshot& history, const RankRequest& request,
                           KeptView kept) const {
  const Table& table = *model_->similarity_table;
  std::vector<SimilarityRow> rows(request.k);
  for (std::size_t c = 0; c < request.items.size(); ++c) {
    const std::int32_t* positions = kept.positions.data() + c * request.k;
    std::size_t count = 0;
    for (; count < request.k && positions[count] >= 0; ++count) {
      const std::int32_t slot = history.slot_of[history.first() + positions[count]];
      rows[count] =
          slot == kNoSlot ? SimilarityRow{} : similarity_row(table, history.slots[slot].row);
    }
    Similarity similarity(table, kernels_, {rows.data(), count});
    similarity.cosines(similarity_row(table, table.row_of(request.items[c])),
                       kept.scores.data() + c * request.k);
  }
}

}  // namespace kleio
