#include "core/lifelong_choice.h"

#include <algorithm>
#include <limits>
#include <vector>

namespace kleio {
namespace {

// A baseline for comparisons: it gathers the embeddings in every request, where the similarity
// table's are kept ready from when a behaviour is appended.
void choose_by_item_embeddings(const RankerModel& model, const Backend& search,
                               const HistorySnapshot& history, const RankRequest& request,
                               ThreadPool& pool, KeptView kept) {
  const FeatureView& items = model.item;
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
  search.top_k(view(behaviours), view(targets), muse_options(request), pool, kept);
}

}  // namespace

Targets muse_targets(const RankerModel& model, const RankRequest& request) {
  Targets targets;
  targets.count = request.items.size();
  targets.rows.resize(targets.count);
  model.similarity_table->rows_of(request.items, targets.rows);
  return targets;
}

SearchOptions muse_options(const RankRequest& request) {
  SearchOptions options;
  options.k = request.k;
  options.max_threads = request.max_threads;
  return options;
}

void choose_lifelong(const RankerModel& model, const Backend& search,
                     const HistorySnapshot& history, const RankRequest& request, ThreadPool& pool,
                     const std::atomic<bool>& cancelled, KeptView kept) {
  SearchOptions options = muse_options(request);
  switch (request.unit) {
    case LifelongUnit::kMuse:
      search.search(history, muse_targets(model, request), options, pool, cancelled, kept);
      return;
    case LifelongUnit::kSimHard: {
      options.unit = Unit::kCategory;
      Targets targets;
      targets.count = request.items.size();
      targets.categories = request.categories;
      search.search(history, targets, options, pool, cancelled, kept);
      return;
    }
    case LifelongUnit::kSimSoft:
      choose_by_item_embeddings(model, search, history, request, pool, kept);
      return;
    case LifelongUnit::kDin:
      std::fill(kept.positions.begin(), kept.positions.end(), -1);
      std::fill(kept.scores.begin(), kept.scores.end(), -std::numeric_limits<float>::infinity());
      return;
  }
}

}  // namespace kleio
