#include "cuda/kernels/attend.cuh"
#include "cuda/kernels/rank_kernels.cuh"
#include "cuda/kernels/tabulate.cuh"

namespace kleio::cuda {
namespace {

template <bool kTabulated>
__global__ void __launch_bounds__(kRankThreads, 2)
    rank_kernel(const __grid_constant__ RankParams params) {
  RankBlock block;
  rank_place<kTabulated>(block, params);
}

__global__ void __launch_bounds__(kRankThreads, 2)
    attend_kernel(const __grid_constant__ AttendParams params) {
  RankBlock block;
  attend(block, params);
}

__global__ void __launch_bounds__(kRankThreads, 2)
    tabulate_kernel(const __grid_constant__ TabulateParams params) {
  RankBlock block;
  tabulate(block, params);
}

}  // namespace

DeviceError rank_cuda(const RankParams& params, StreamHandle stream) {
  const auto on = static_cast<cudaStream_t>(stream.native);
  if (params.select.search.targets.count == 0) {
    const bool tabulated = params.model.projections.items != nullptr;
    return launch_ranking(tabulated ? rank_kernel<true> : rank_kernel<false>, params.places,
                          params.plan.shared_bytes, params, on);
  }
  switch (params.select.search.table.code_type) {
    case CodeType::kInt8:
      return rank_int8(params, on);
    case CodeType::kFloat16:
      return rank_float16(params, on);
    case CodeType::kBfloat16:
      return rank_bfloat16(params, on);
  }
  return cudaErrorInvalidValue;
}

DeviceError attend_cuda(const AttendParams& params, StreamHandle stream) {
  return launch_ranking(attend_kernel, params.count, params.plan.shared_bytes, params,
                        static_cast<cudaStream_t>(stream.native));
}

DeviceError tabulate_cuda(const TabulateParams& params, StreamHandle stream) {
  return launch_ranking(tabulate_kernel, tabulate_blocks(params), tabulate_shared_bytes(params),
                        params, static_cast<cudaStream_t>(stream.native));
}

DeviceError prepare_rank_cuda() {
  for (const DeviceError error :
       {lift_shared_limit(rank_kernel<true>), lift_shared_limit(rank_kernel<false>),
        lift_shared_limit(attend_kernel), lift_shared_limit(tabulate_kernel), prepare_rank_int8(),
        prepare_rank_float16(), prepare_rank_bfloat16()}) {
    if (error == kSuccess) continue;
    cudaGetLastError();  // or the next launch would find it
    return error;
  }
  return kSuccess;
}

}  // namespace kleio::cuda
