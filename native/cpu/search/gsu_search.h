// One GSU search on the CPU: scan -> compact -> rescore canonically -> expand to positions.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include "core/call_context.h"
#include "core/search.h"
#include "cpu/scan/prepared_targets.h"
#include "cpu/search/canonical_scorer.h"
#include "cpu/search/scan_plan.h"
#include "cpu/search/search_workspace.h"
#include "cpu/search/searchable.h"
#include "cpu/search/selection.h"

namespace kleio {

class GsuSearch {
 public:
  GsuSearch(const Searchable& rows, const PreparedTargets& targets, const SearchOptions& options,
            const CpuKernels& kernels, WorkspacePool& workspaces, SearchCounters& counters,
            const CallContext& context, KeptView kept);

  // Fills `kept`, which must already hold empty places. Throws kAborted, kOutOfMemory.
  void run();

 private:
  struct TileScan;

  void scan_tile(TileScan& scan, std::size_t run_begin, std::size_t run_end);
  void search_whole_tiles();
  void search_row_slices();
  void merge_slices(std::span<const std::unique_ptr<TileScan>> scans, std::size_t first,
                    std::size_t count);
  void search_canonically();

  const Searchable& rows_;
  const PreparedTargets& targets_;
  const SearchOptions& options_;
  const CpuKernels& kernels_;
  WorkspacePool& workspaces_;
  SearchCounters& counters_;
  const CallContext& context_;
  KeptView kept_;
  ScanPlan plan_;
  std::size_t runs_;    // of kRunPanels panels
  std::size_t stride_;  // visiting order of the runs
};

}  // namespace kleio
