// The launches of the kernel that selects and ranks, by type of codes: rank_kernels_<type>.cu
// define one each.
#pragma once

#include <cuda_runtime.h>

#include "cuda/kernels/kernel_table.h"
#include "cuda/kernels/rank_params.h"

namespace kleio::cuda {

DeviceError rank_int8(const RankParams& params, cudaStream_t stream);
DeviceError rank_float16(const RankParams& params, cudaStream_t stream);
DeviceError rank_bfloat16(const RankParams& params, cudaStream_t stream);

DeviceError prepare_rank_int8();
DeviceError prepare_rank_float16();
DeviceError prepare_rank_bfloat16();

}  // namespace kleio::cuda
