#include "cuda/kernels/rank_kernels.cuh"

namespace kleio::cuda {

DeviceError rank_float16(const RankParams& params, cudaStream_t stream) {
  return launch_ranking(select_and_rank_kernel<CodeType::kFloat16>,
                        params.select.search.targets.count, params.plan.shared_bytes, params,
                        stream);
}

DeviceError prepare_rank_float16() {
  return lift_shared_limit(select_and_rank_kernel<CodeType::kFloat16>);
}

}  // namespace kleio::cuda
