// The search kernels over the software policy.
#include <algorithm>
#include <cstdio>
#include <exception>
#include <numeric>
#include <random>
#include <vector>

#include "cuda/kernels/append.cuh"
#include "cuda/kernels/sample_threshold.cuh"
#include "cuda/kernels/scan.cuh"
#include "cuda/kernels/scan_and_select.cuh"
#include "cuda/kernels/scan_shapes.cuh"
#include "cuda/kernels/search_kernels.h"
#include "cuda/kernels/select.cuh"
#include "cuda/kernels/wgmma_append.cuh"
#include "cuda/software/execution_software.h"

namespace kleio::cuda {
namespace {

using ScanBlock = SoftwareBlock<kScanThreads>;

// Calls run(index, seed) for every block of the grid, in random order.
template <typename Run>
DeviceError run_grid(std::uint32_t blocks, std::uint64_t seed, Run run) noexcept {
  try {
    std::mt19937_64 random(seed);
    std::vector<std::uint32_t> order(blocks);
    std::iota(order.begin(), order.end(), 0u);
    std::shuffle(order.begin(), order.end(), random);
    for (const std::uint32_t index : order) run(index, random());
    return kSuccess;
  } catch (const std::exception& error) {
    std::fprintf(stderr, "a kernel broke a rule of execution: %s\n", error.what());
    return kKernelFault;
  }
}

template <CodeType kCode>
DeviceError scan_coded(const ScanParams& params, std::uint64_t seed) {
  return with_scan_shape<kCode>(params.search, [&]<typename Shape>() {
    return run_grid(params.item_count, seed, [&](std::uint32_t index, std::uint64_t block_seed) {
      ScanBlock block(index, 0, block_seed);
      Scan<ScanBlock, Shape>(block, params).run();
    });
  });
}

// `blocks` as the grid of a GPU has them, at least one a target.
template <CodeType kCode, std::uint32_t kThreads>
DeviceError select_with(const SelectParams& params, std::uint32_t blocks, std::uint64_t seed) {
  using Block = SoftwareBlock<kThreads>;
  const std::size_t shared_bytes = select_layout(kThreads, params.k).bytes;
  return run_grid(blocks, seed, [&](std::uint32_t index, std::uint64_t block_seed) {
    if (index >= params.search.targets.count) return;
    Block block(index, shared_bytes, block_seed);
    Select<Block, kCode> select(block, params, index);
    if (!select.is_padding()) select.write(select.run());
  });
}

template <CodeType kCode>
DeviceError select_coded(const SelectParams& params, std::uint64_t seed) {
  const std::uint32_t targets = params.search.targets.count;
  if (params.width == SelectWidth::kWarp) {
    const std::uint32_t warps = select_warp_blocks(targets, params.k) * select_warps(params.k);
    return select_with<kCode, kWarpLanes>(params, warps, seed);
  }
  return is_wide_select(targets) ? select_with<kCode, kWideSelectThreads>(params, targets, seed)
                                 : select_with<kCode, kSelectThreads>(params, targets, seed);
}

template <CodeType kCode>
DeviceError append_coded(const AppendParams& params, std::uint64_t seed) {
  const std::size_t bytes = append_layout(params.stage_capacity).bytes;
  return with_append_shape<kCode>(params.search, [&]<typename Shape>() {
    return run_grid(params.item_count, seed, [&](std::uint32_t index, std::uint64_t block_seed) {
      ScanBlock block(index, bytes, block_seed);
      Append<ScanBlock, Shape>(block, params).run();
    });
  });
}

template <std::uint32_t kRowBytes>
DeviceError append_wgmma(const AppendParams& params, std::uint64_t seed) {
  using Block = SoftwareBlock<kWgmmaAppendThreads>;
  const std::size_t bytes = wgmma_append_layout(params.stage_capacity).bytes;
  return run_grid(params.item_count, seed, [&](std::uint32_t index, std::uint64_t block_seed) {
    Block block(index, bytes, block_seed);
    WgmmaAppend<Block, kRowBytes>(block, params).run();
  });
}

template <CodeType kCode>
DeviceError scan_and_select_coded(const ScanAndSelectParams& params, std::uint64_t seed) {
  const std::size_t bytes = select_layout(kScanThreads, params.select.k).bytes;
  return with_resident_shape<kCode>(params.scan.search, [&]<typename Shape>() {
    SoftwareLaunchStores stores;
    return run_grid(params.scan.item_count, seed,
                    [&](std::uint32_t index, std::uint64_t block_seed) {
                      ScanBlock block(index, bytes, block_seed, &stores);
                      scan_and_select<Shape>(block, params);
                    });
  });
}

}  // namespace

DeviceError scan_software_seeded(const ScanParams& params, std::uint64_t seed) {
  return with_code(params.search.table.code_type,
                   [&]<CodeType kCode>() { return scan_coded<kCode>(params, seed); });
}

DeviceError select_software_seeded(const SelectParams& params, std::uint64_t seed) {
  return with_code(params.search.table.code_type,
                   [&]<CodeType kCode>() { return select_coded<kCode>(params, seed); });
}

DeviceError threshold_software_seeded(const ThresholdParams& params, std::uint64_t seed) {
  using Block = SoftwareBlock<kThresholdThreads>;
  const std::size_t bytes = threshold_layout(kThresholdThreads).bytes;
  return run_grid(params.search.targets.count, seed,
                  [&](std::uint32_t index, std::uint64_t block_seed) {
                    Block block(index, bytes, block_seed);
                    find_sample_threshold(block, params);
                  });
}

DeviceError append_software_seeded(const AppendParams& params, std::uint64_t seed) {
  if (params.wgmma != 0) {
    return params.search.table.code_row_bytes == 64 ? append_wgmma<64>(params, seed)
                                                    : append_wgmma<128>(params, seed);
  }
  return with_code(params.search.table.code_type,
                   [&]<CodeType kCode>() { return append_coded<kCode>(params, seed); });
}

DeviceError scan_and_select_software_seeded(const ScanAndSelectParams& params, std::uint64_t seed) {
  return with_code(params.scan.search.table.code_type,
                   [&]<CodeType kCode>() { return scan_and_select_coded<kCode>(params, seed); });
}

DeviceError scan_software(const ScanParams& params, StreamHandle) {
  return scan_software_seeded(params, 1);
}

DeviceError select_software(const SelectParams& params, StreamHandle) {
  return select_software_seeded(params, 1);
}

DeviceError threshold_software(const ThresholdParams& params, StreamHandle) {
  return threshold_software_seeded(params, 1);
}

DeviceError append_software(const AppendParams& params, StreamHandle) {
  return append_software_seeded(params, 1);
}

DeviceError scan_and_select_software(const ScanAndSelectParams& params, StreamHandle) {
  return scan_and_select_software_seeded(params, std::random_device{}());
}

}  // namespace kleio::cuda
