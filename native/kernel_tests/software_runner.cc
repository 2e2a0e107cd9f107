#include "cuda/kernels/append.cuh"
#include "cuda/kernels/sample_threshold.cuh"
#include "cuda/kernels/scan.cuh"
#include "cuda/kernels/scan_and_select.cuh"
#include "cuda/kernels/scan_shapes.cuh"
#include "cuda/kernels/search_kernels.h"
#include "cuda/kernels/select.cuh"
#include "cuda/software/execution_software.h"
#include "kernel_tests/check.h"
#include "kernel_tests/kernel_runner.h"

namespace kleio::cuda::tests {
namespace {

using SmallBlock = SoftwareBlock<kWarpLanes>;

template <CodeType kCode>
void scan_small(const ScanParams& scan, Random& random) {
  with_scan_shape<kCode>(scan.search, [&]<typename Shape>() {
    for (std::uint32_t index = 0; index < scan.item_count; ++index) {
      SmallBlock block(index, 0, random());
      Scan<SmallBlock, Shape>(block, scan).run();
    }
  });
}

template <CodeType kCode>
void select_small(const SelectParams& select, Random& random) {
  for (std::uint32_t index = 0; index < select.search.targets.count; ++index) {
    SmallBlock block(index, select_layout(SmallBlock::kThreads, select.k).bytes, random());
    Select<SmallBlock, kCode> target(block, select, index);
    if (!target.is_padding()) target.write(target.run());
  }
}

template <CodeType kCode>
void append_small(const AppendParams& append, Random& random) {
  const std::uint32_t bytes = append_layout(append.stage_capacity).bytes;
  with_append_shape<kCode>(append.search, [&]<typename Shape>() {
    for (std::uint32_t index = 0; index < append.item_count; ++index) {
      SmallBlock block(index, bytes, random());
      Append<SmallBlock, Shape>(block, append).run();
    }
  });
}

template <CodeType kCode>
void scan_and_select_small(const ScanAndSelectParams& both, Random& random) {
  const std::size_t bytes = select_layout(SmallBlock::kThreads, both.select.k).bytes;
  with_resident_shape<kCode>(both.scan.search, [&]<typename Shape>() {
    SoftwareLaunchStores stores;
    for (std::uint32_t index = 0; index < both.scan.item_count; ++index) {
      SmallBlock block(index, bytes, random(), &stores);
      scan_and_select<Shape>(block, both);
    }
  });
}

}  // namespace

bool runs_wgmma() {
  return true;
}

void run_scan(const ScanParams& scan, bool small_blocks, Random& random) {
  if (!small_blocks) {
    require(scan_software_seeded(scan, random()) == kSuccess, "the scan failed");
    return;
  }
  with_code(scan.search.table.code_type,
            [&]<CodeType kCode>() { scan_small<kCode>(scan, random); });
}

void run_select(const SelectParams& select, bool small_blocks, Random& random) {
  if (!small_blocks) {
    require(select_software_seeded(select, random()) == kSuccess, "the select failed");
    return;
  }
  with_code(select.search.table.code_type,
            [&]<CodeType kCode>() { select_small<kCode>(select, random); });
}

void run_threshold(const ThresholdParams& threshold, bool small_blocks, Random& random) {
  if (!small_blocks) {
    require(threshold_software_seeded(threshold, random()) == kSuccess, "the threshold failed");
    return;
  }
  for (std::uint32_t index = 0; index < threshold.search.targets.count; ++index) {
    SmallBlock block(index, threshold_layout(SmallBlock::kThreads).bytes, random());
    find_sample_threshold(block, threshold);
  }
}

void run_append(const AppendParams& append, bool small_blocks, Random& random) {
  if (!small_blocks || append.wgmma != 0) {
    require(append_software_seeded(append, random()) == kSuccess, "the append failed");
    return;
  }
  with_code(append.search.table.code_type,
            [&]<CodeType kCode>() { append_small<kCode>(append, random); });
}

void run_scan_and_select(const ScanAndSelectParams& both, bool small_blocks, Random& random) {
  if (!small_blocks) {
    require(scan_and_select_software_seeded(both, random()) == kSuccess, "scan and select failed");
    return;
  }
  with_code(both.scan.search.table.code_type,
            [&]<CodeType kCode>() { scan_and_select_small<kCode>(both, random); });
}

}  // namespace kleio::cuda::tests
