// The ranking kernels' entries into a KernelTable (cuda/kernels/kernel_table.h), for either
// execution.
#pragma once

#include "cuda/kernels/kernel_table.h"
#include "cuda/kernels/rank_params.h"

namespace kleio::cuda {

constexpr std::uint32_t tabulate_blocks(const TabulateParams& params) noexcept {
  return (params.rows + params.block_rows - 1) / params.block_rows;
}
constexpr std::uint32_t tabulate_shared_bytes(const TabulateParams& params) noexcept {
  return params.block_rows * params.width * std::uint32_t{sizeof(float)};
}

// Compiled by nvcc. Put the kernel on `stream` and return; a bad launch is the only error.
DeviceError rank_cuda(const RankParams& params, StreamHandle stream);
DeviceError attend_cuda(const AttendParams& params, StreamHandle stream);
DeviceError tabulate_cuda(const TabulateParams& params, StreamHandle stream);
// Lets the kernels use all the shared memory of the device.
DeviceError prepare_rank_cuda();

// Executed at once, blocks in random order. A race or a read of memory never written gives
// kKernelFault and a line on stderr.
DeviceError rank_software(const RankParams& params, StreamHandle stream);
DeviceError attend_software(const AttendParams& params, StreamHandle stream);
DeviceError tabulate_software(const TabulateParams& params, StreamHandle stream);
// With an order of blocks and threads of one's own; the others draw one for every launch.
DeviceError rank_software_seeded(const RankParams& params, std::uint64_t seed);

}  // namespace kleio::cuda
