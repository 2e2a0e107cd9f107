#include <algorithm>
#include <cstdio>
#include <exception>
#include <numeric>
#include <random>
#include <vector>

#include "cuda/kernels/attend.cuh"
#include "cuda/kernels/rank.cuh"
#include "cuda/kernels/rank_kernels.h"
#include "cuda/kernels/search_kernels.h"
#include "cuda/kernels/tabulate.cuh"
#include "cuda/software/execution_software.h"

namespace kleio::cuda {
namespace {

using RankBlock = SoftwareBlock<kRankThreads>;

// Runs every block of the grid, in random order.
template <typename Kernel, typename Params>
DeviceError run_grid(std::uint32_t blocks, std::uint32_t shared_bytes, const Params& params,
                     std::uint64_t seed, Kernel kernel) noexcept {
  try {
    std::mt19937_64 random(seed);
    std::vector<std::uint32_t> order(blocks);
    std::iota(order.begin(), order.end(), 0u);
    std::shuffle(order.begin(), order.end(), random);
    for (const std::uint32_t index : order) {
      RankBlock block(index, shared_bytes, random());
      kernel(block, params);
    }
    return kSuccess;
  } catch (const std::exception& error) {
    std::fprintf(stderr, "a kernel broke a rule of execution: %s\n", error.what());
    return kKernelFault;
  }
}

template <CodeType kCode>
DeviceError select_and_rank_coded(const RankParams& params, std::uint64_t seed) {
  return run_grid(params.select.search.targets.count, params.plan.shared_bytes, params, seed,
                  [](RankBlock& block, const RankParams& p) { select_and_rank<kCode>(block, p); });
}

}  // namespace

DeviceError rank_software_seeded(const RankParams& params, std::uint64_t seed) {
  if (params.select.search.targets.count == 0) {
    return run_grid(params.places, params.plan.shared_bytes, params, seed,
                    [](RankBlock& block, const RankParams& p) {
                      if (p.model.projections.items != nullptr) {
                        rank_place<true>(block, p);
                      } else {
                        rank_place<false>(block, p);
                      }
                    });
  }
  return with_code(params.select.search.table.code_type,
                   [&]<CodeType kCode>() { return select_and_rank_coded<kCode>(params, seed); });
}

DeviceError rank_software(const RankParams& params, StreamHandle) {
  return rank_software_seeded(params, std::random_device{}());
}

DeviceError attend_software(const AttendParams& params, StreamHandle) {
  return run_grid(params.count, params.plan.shared_bytes, params, std::random_device{}(),
                  [](RankBlock& block, const AttendParams& p) { attend(block, p); });
}

DeviceError tabulate_software(const TabulateParams& params, StreamHandle) {
  return run_grid(tabulate_blocks(params), tabulate_shared_bytes(params), params,
                  std::random_device{}(),
                  [](RankBlock& block, const TabulateParams& p) { tabulate(block, p); });
}

}  // namespace kleio::cuda
