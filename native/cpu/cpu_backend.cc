#include "cpu/cpu_backend.h"

#include "cpu/ranker/attend_targets.h"
#include "cpu/ranker/cpu_ranker.h"
#include "cpu/scan/panel_store.h"
#include "cpu/search/category_search.h"
#include "cpu/search/gsu_search.h"
#include "cpu/simd/machine_peak.h"

namespace kleio {
namespace {

// A search by a history's columns. Fills `kept`, which holds empty places. Throws kAborted.
using ColumnSearch = void (*)(const HistorySnapshot& history, const Targets& targets,
                              const SearchOptions& options, const CallContext& context,
                              KeptView kept);

// nullptr: the unit reads embeddings.
ColumnSearch column_search_of(Unit unit) noexcept {
  switch (unit) {
    case Unit::kCosine:
    case Unit::kDot:
      return nullptr;
    case Unit::kCategory:
      return search_category;
  }
  return nullptr;
}

class CpuBackend final : public Backend, public PeakMeter {
 public:
  explicit CpuBackend(const Isa& isa) : isa_(isa) {}

  std::unique_ptr<SlotStore> make_slot_store(std::shared_ptr<const Table> table) const override {
    return std::make_unique<PanelStore>(std::move(table));
  }

  void search(const HistorySnapshot& history, const Targets& targets, const SearchOptions& options,
              const CallContext& context, KeptView kept) const override {
    begin(targets.count, kept);
    const RowsView table = history.table->view();
    if (!targets.embeddings.empty()) {
      require_finite({targets.embeddings.data(), targets.count, table.dim, table.dtype}, "targets");
    }
    if (const ColumnSearch search_columns = column_search_of(options.unit)) {
      if (options.min_score > traits_of(options.unit).max_score) return;
      search_columns(history, targets, options, context, kept);
      return;
    }
    const Searchable rows(history, history.embeddings->as<PanelView>(), options);
    find(rows, table, targets, options, context, kept);
  }

  void top_k(const MatrixView& history, const MatrixView& targets, const SearchOptions& options,
             const CallContext& context, KeptView kept) const override {
    begin(targets.rows, kept);
    require_finite(targets, "targets");
    require_finite(history, "history");
    const auto panels = PanelStore::of_matrix(history, context.pool);
    const Searchable rows(history, *panels, options);
    Targets owned;
    owned.embeddings.assign(targets.values, targets.values + targets.byte_size());
    owned.count = targets.rows;
    find(rows, history, owned, options, context, kept);
  }

  std::unique_ptr<RankerSession> make_ranker(
      std::shared_ptr<const RankerModel> model) const override {
    return std::make_unique<CpuRanker>(std::move(model), isa_.kernels, isa_.floats);
  }

  void attend(const SemanticAttentionView& layers, const TargetAttentionBatch& batch,
              const CallContext& context, std::span<float> out) const override {
    target_attention(layers, batch, isa_.floats, context, out);
  }

  const SearchCounters& counters() const noexcept override { return counters_; }

  const PeakMeter* peak_meter() const noexcept override { return this; }
  double measure_peak(const PeakLoop& loop) const override {
    return kleio::measure_peak(loop, isa_.peaks);
  }

 private:
  void begin(std::size_t targets, const KeptView& kept) const {
    counters_.searches.fetch_add(1, std::memory_order_relaxed);
    counters_.targets.fetch_add(targets, std::memory_order_relaxed);
    kept.clear();
  }

  void find(const Searchable& rows, const RowsView& table, const Targets& targets,
            const SearchOptions& options, const CallContext& context, KeptView kept) const {
    if (targets.count == 0 || rows.slot_count() == 0) return;
    PreparedTargets prepared;
    prepared.prepare(targets, table, options, isa_.kernels);
    GsuSearch(rows, prepared, options, isa_.kernels, workspaces_, counters_, context, kept).run();
  }

  const Isa& isa_;
  mutable WorkspacePool workspaces_;
  mutable SearchCounters counters_;
};

}  // namespace

std::unique_ptr<Backend> make_cpu_backend(const Isa& isa) {
  return std::make_unique<CpuBackend>(isa);
}

}  // namespace kleio
