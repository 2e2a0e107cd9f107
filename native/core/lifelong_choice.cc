#include "core/lifelong_choice.h"

#include <algorithm>
#include <vector>

#include "core/eligible.h"

namespace kleio {
namespace {

// A baseline for comparisons: it gathers the embeddings in every request, where the similarity
// table's are kept ready from when a behaviour is appended.
void choose_by_item_embeddings(const RankerModel& model, const Backend& search,
                               const HistorySnapshot& history, const RankRequest& request,
                               const CallContext& context, KeptView kept) {
  const FeatureView& items = model.item;
  // Row 0 stands for every unknown item: it has no direction here, and zero rows are never kept.
  const auto gather = [&items](std::vector<float>& rows, std::int32_t row) {
    const auto end = rows.insert(rows.end(), items.width, 0.0f);
    if (row > 0) std::copy_n(items.embedding(row), items.width, end);
  };
  std::vector<float> behaviours, targets;
  behaviours.reserve(history.places() * items.width);
  const SearchOptions options = cosine_options(request);
  const Eligible eligible(history, options);
  for (std::int64_t s = history.first(); s < history.end(); ++s) {
    gather(behaviours, eligible(s) ? history.item_rows[s] : 0);
  }
  for (const std::int64_t item : request.items) gather(targets, items.row_of(item));
  const auto view = [&items](const std::vector<float>& rows) {
    return MatrixView{reinterpret_cast<const std::byte*>(rows.data()), rows.size() / items.width,
                      items.width, Dtype::kFloat32};
  };
  search.top_k(view(behaviours), view(targets), options, context, kept);
}

}  // namespace

Targets cosine_targets(const RankerModel& model, const RankRequest& request) {
  Targets targets;
  targets.count = request.items.size();
  targets.rows.resize(targets.count);
  model.similarity_table->rows_of(request.items, targets.rows, request.similarity_rows);
  return targets;
}

SearchOptions cosine_options(const RankRequest& request) {
  SearchOptions options = request.eligible;
  options.k = request.k;
  return options;
}

void choose_lifelong(const RankerModel& model, const Backend& search,
                     const HistorySnapshot& history, const RankRequest& request,
                     const CallContext& context, KeptView kept) {
  SearchOptions options = cosine_options(request);
  switch (request.unit) {
    case LifelongUnit::kCosine:
      search.search(history, cosine_targets(model, request), options, context, kept);
      return;
    case LifelongUnit::kCategory: {
      options.unit = Unit::kCategory;
      Targets targets;
      targets.count = request.items.size();
      targets.categories = request.categories;
      search.search(history, targets, options, context, kept);
      return;
    }
    case LifelongUnit::kLearnedCosine:
      choose_by_item_embeddings(model, search, history, request, context, kept);
      return;
    case LifelongUnit::kNone:
      kept.clear();
      return;
  }
}

}  // namespace kleio
