#include "cpu/search/gsu_search.h"

#include <algorithm>
#include <atomic>

#include "cpu/scan/threshold_board.h"

namespace kleio {
namespace {

// Panels that a scan visits in a row: 32 KiB at 128 dimensions, long enough for the memory system,
// short enough that a few runs sample the history. Cancellation is polled once a run.
constexpr std::size_t kRunPanels = 4;

}  // namespace

// One thread's scan of (a share of) the rows for one tile of targets.
struct GsuSearch::TileScan {
  TileScan(const GsuSearch& search, std::size_t first, std::size_t count)
      : first_target(first),
        targets(search.targets_.tile(first, count)),
        workspace(search.workspaces_.lend()),
        candidates(workspace->open(count, search.options_.k, search.rows_.slot_count(),
                                   search.rows_.exact())),
        scorer(search.rows_, search.targets_, search.options_.unit, search.kernels_),
        compactor(scorer, search.targets_, first, search.counters_) {
    for (std::size_t t = 0; t < count; ++t) {
      candidates.thresholds[t] = search.targets_.first_threshold(first + t);
    }
    candidates.tolerances = search.targets_.tolerances(first);
    candidates.compactor = &compactor;
  }

  // Joins the other threads that scan rows for these targets.
  void share_thresholds(ThresholdBoard& shared, std::size_t thread) noexcept {
    board = &shared;
    candidates.published = shared.places_of(thread);
    candidates.share = shared.share();
  }

  void raise_thresholds(bool exact) noexcept {
    for (std::size_t t = 0; t < targets.count; ++t) {
      const std::int32_t rank = board->reached_by_all(t);
      if (rank == ThresholdBoard::kNothing) continue;
      const float tolerance = exact ? 2 * candidates.tolerances[t] : 0.0f;
      candidates.thresholds[t] =
          std::max(candidates.thresholds[t], value_of_rank(rank) - tolerance);
    }
  }

  Collected collected(std::size_t t) const noexcept {
    return {candidates.list(t), candidates.counts[t], candidates.thresholds[t]};
  }

  std::size_t first_target;
  TargetTile targets;
  WorkspacePool::Lease workspace;
  CandidateTile candidates;
  CanonicalScorer scorer;
  ScoreCompactor compactor;
  ThresholdBoard* board = nullptr;
};

GsuSearch::GsuSearch(const Searchable& rows, const PreparedTargets& targets,
                     const SearchOptions& options, const CpuKernels& kernels,
                     WorkspacePool& workspaces, SearchCounters& counters,
                     const CallContext& context, KeptView kept)
    : rows_(rows),
      targets_(targets),
      options_(options),
      kernels_(kernels),
      workspaces_(workspaces),
      counters_(counters),
      context_(context),
      kept_(kept),
      runs_((rows.panel_count() + kRunPanels - 1) / kRunPanels),
      stride_(visiting_stride(runs_)) {}

void GsuSearch::run() {
  if (targets_.count() == 0 || rows_.panel_count() == 0) return;
  plan_ = plan_scan(targets_.count(), rows_.panel_count(), groups_of(rows_.dim()),
                    std::min<std::size_t>(options_.k, rows_.slot_count()), rows_.exact(),
                    context_.threads());
  bool bounded = rows_.inner_products_bounded() || traits_of(options_.unit).normalised;
  for (std::size_t t = 0; bounded && t < targets_.count(); ++t) bounded = targets_.bounded(t);
  if (!bounded) {
    counters_.full_canonical_scans.fetch_add(1, std::memory_order_relaxed);
    search_canonically();
  } else if (plan_.row_slices > 1) {
    search_row_slices();
  } else {
    search_whole_tiles();
  }
}

// Visits runs [run_begin, run_end) of the visiting order.
void GsuSearch::scan_tile(TileScan& scan, std::size_t run_begin, std::size_t run_end) {
  const auto kernel = rows_.exact() ? kernels_.scan_exact : kernels_.scan_certified;
  const std::size_t panels = rows_.panel_count();
  for (std::size_t i = run_begin; i < run_end; ++i) {
    context_.throw_if_cancelled();
    if (scan.board != nullptr) scan.raise_thresholds(rows_.exact());
    const std::size_t begin = i * stride_ % runs_ * kRunPanels;
    const std::size_t next_begin = (i + 1) * stride_ % runs_ * kRunPanels;
    const std::size_t end = std::min(begin + kRunPanels, panels);
    Panel panel = rows_.panel(begin);
    for (std::size_t p = begin; p < end; ++p) {
      const Panel next = rows_.panel(p + 1 < end ? p + 1 : next_begin);
      panel.next_codes = next.codes;
      kernel(panel, scan.targets, scan.candidates);
      panel = next;
    }
  }
}

// Pieces of work are tiles of targets; each sees every row.
void GsuSearch::search_whole_tiles() {
  const std::size_t tile = plan_.tile_targets;
  const std::size_t tiles = (targets_.count() + tile - 1) / tile;
  context_.pool.parallel_for(tiles, plan_.threads, [&](std::size_t index) {
    const std::size_t first = index * tile;
    const std::size_t count = std::min(tile, targets_.count() - first);
    TileScan scan(*this, first, count);
    scan_tile(scan, 0, runs_);
    Selection selection(rows_, targets_, options_, kernels_, kept_);
    for (std::size_t t = 0; t < count; ++t) {
      const Collected collected = scan.collected(t);
      selection.choose(first + t, {&collected, 1});
    }
  });
}

// Few targets: threads take runs of rows from a common counter, each with candidates of its own,
// which are merged at the end. Who scans what changes from call to call; what is kept does not.
void GsuSearch::search_row_slices() {
  const std::size_t tile = plan_.tile_targets;
  // Handing out runs one by one would cost a shared atomic each 100 ns of work at one target.
  const std::size_t grain = std::max<std::size_t>(1, runs_ / (plan_.row_slices * 16));
  for (std::size_t first = 0; first < targets_.count(); first += tile) {
    const std::size_t count = std::min(tile, targets_.count() - first);
    std::vector<std::unique_ptr<TileScan>> scans(plan_.row_slices);
    ThresholdBoard board(plan_.row_slices, count,
                         std::min<std::size_t>(options_.k, rows_.slot_count()));
    std::atomic<std::size_t> next_run{0};
    context_.pool.parallel_for(plan_.row_slices, plan_.threads, [&](std::size_t slice) {
      std::size_t run = next_run.fetch_add(grain, std::memory_order_relaxed);
      if (run >= runs_) return;
      scans[slice] = std::make_unique<TileScan>(*this, first, count);
      scans[slice]->share_thresholds(board, slice);
      for (; run < runs_; run = next_run.fetch_add(grain, std::memory_order_relaxed)) {
        scan_tile(*scans[slice], run, std::min(run + grain, runs_));
      }
    });
    std::erase(scans, nullptr);
    merge_slices(scans, first, count);
  }
}

void GsuSearch::merge_slices(std::span<const std::unique_ptr<TileScan>> scans, std::size_t first,
                             std::size_t count) {
  const std::size_t shares = plan_merge(count, plan_.threads);
  context_.pool.parallel_for(shares, plan_.threads, [&](std::size_t share) {
    Selection selection(rows_, targets_, options_, kernels_, kept_);
    std::vector<Collected> collected(scans.size());
    for (std::size_t t = share; t < count; t += shares) {
      for (std::size_t s = 0; s < scans.size(); ++s) collected[s] = scans[s]->collected(t);
      selection.choose(first + t, collected);
    }
  });
}

// The full canonical pass: every visible row is scored in float64.
void GsuSearch::search_canonically() {
  constexpr std::size_t kBatch = 256;
  context_.pool.parallel_for(targets_.count(), plan_.threads, [&](std::size_t target) {
    CanonicalScorer scorer(rows_, targets_, options_.unit, kernels_);
    const std::size_t k = std::min<std::size_t>(options_.k, rows_.slot_count());
    Selection selection(rows_, targets_, options_, kernels_, kept_);
    std::vector<OrderKey> best;
    std::vector<std::uint32_t> slots;
    for (std::size_t begin = 0; begin < rows_.slot_count(); begin += kBatch) {
      context_.throw_if_cancelled();
      const std::size_t end = std::min(begin + kBatch, rows_.slot_count());
      slots.clear();
      for (std::size_t slot = begin; slot < end; ++slot) {
        if (rows_.is_visible(static_cast<std::uint32_t>(slot))) {
          slots.push_back(static_cast<std::uint32_t>(slot));
        }
      }
      const std::size_t before = best.size();
      best.resize(before + slots.size());
      scorer.keys(target, slots, nullptr, best.data() + before);
      if (best.size() >= 2 * k + kBatch) keep_largest(best, k);
    }
    selection.write(target, best);
  });
}

}  // namespace kleio
