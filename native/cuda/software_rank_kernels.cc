#include <cstdio>
#include <exception>
#include <numeric>
#include <random>
#include <vector>

#include "cuda/attend.cuh"
#include "cuda/execution_software.h"
#include "cuda/rank.cuh"
#include "cuda/rank_kernels.h"
#include "cuda/search_kernels.h"

namespace kleio::cuda {
namespace {

class SoftwareRankBlock : public SoftwareBlock<kRankThreads> {
 public:
  using SoftwareBlock::SoftwareBlock;

  // As the block of rank_kernels.cu; blocks run one after another here.
  bool arrives_last(std::uint32_t* arrivals, std::uint32_t expected) {
    barrier();
    if (++*arrivals < expected) return false;
    *arrivals = 0;
    return true;
  }
};

template <typename Kernel, typename Params>
DeviceError run(Kernel kernel, const Params& params, std::uint64_t seed) {
  try {
    std::mt19937_64 random(seed);
    std::vector<std::uint32_t> order(params.count);
    std::iota(order.begin(), order.end(), 0u);
    std::shuffle(order.begin(), order.end(), random);
    for (const std::uint32_t index : order) {
      SoftwareRankBlock block(index, params.plan.shared_bytes, random());
      kernel(block, params);
    }
    return kSuccess;
  } catch (const std::exception& error) {
    std::fprintf(stderr, "software device: %s\n", error.what());
    return kKernelFault;
  }
}

}  // namespace

DeviceError rank_software(const RankParams& params, StreamHandle) {
  return run([](SoftwareRankBlock& block, const RankParams& p) { rank(block, p); }, params, 1);
}

DeviceError attend_software(const AttendParams& params, StreamHandle) {
  return run([](SoftwareRankBlock& block, const AttendParams& p) { attend(block, p); }, params, 1);
}

}  // namespace kleio::cuda
