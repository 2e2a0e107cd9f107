// What executes the kernels of a test: the software policy, or a GPU.
#pragma once

#include "cuda/kernels/search_params.h"
#include "kernel_tests/search_case.h"

namespace kleio::cuda::tests {

// Whether there are warpgroups that multiply.
bool runs_wgmma();

// Run to their end, or end the program. `small_blocks`: thread blocks of one warp, whose buffers
// have a few dozen places and overflow; an append with wgmma takes none.
void run_scan(const ScanParams& scan, bool small_blocks, Random& random);
void run_select(const SelectParams& select, bool small_blocks, Random& random);
void run_threshold(const ThresholdParams& threshold, bool small_blocks, Random& random);
void run_append(const AppendParams& append, bool small_blocks, Random& random);
void run_scan_and_select(const ScanAndSelectParams& both, bool small_blocks, Random& random);

}  // namespace kleio::cuda::tests
