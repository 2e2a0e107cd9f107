// Scores rows that no scan has chosen: few of them, with every target.
#pragma once

#include <memory>

#include "core/matrix_view.h"
#include "core/row_scorer.h"
#include "core/search.h"
#include "cpu/scan/scan_kernels.h"

namespace kleio {

// `targets` are rows of `table` or finite embeddings of its kind, and outlive the scorer.
std::unique_ptr<RowScorer> make_cpu_row_scorer(const RowsView& table, const Targets& targets,
                                               Unit unit, const CpuKernels& kernels);

}  // namespace kleio
