// The search kernels' entries into a KernelTable (cuda/kernels/kernel_table.h), for either
// execution.
#pragma once

#include "cuda/kernels/kernel_table.h"
#include "cuda/kernels/search_params.h"

namespace kleio::cuda {

// Compiled by nvcc. Put the kernel on `stream` and return; a bad launch is the only error.
DeviceError scan_cuda(const ScanParams& params, StreamHandle stream);
DeviceError select_cuda(const SelectParams& params, StreamHandle stream);
DeviceError threshold_cuda(const ThresholdParams& params, StreamHandle stream);
DeviceError append_cuda(const AppendParams& params, StreamHandle stream);
// Once for a device, before an append with wgmma.
DeviceError prepare_append_cuda();
DeviceError scan_and_select_cuda(const ScanAndSelectParams& params, StreamHandle stream);

// A kernel that broke a rule of execution; the number of cudaErrorLaunchFailure.
inline constexpr DeviceError kKernelFault = 719;

// Executed at once, blocks in random order. Any error of the kernel itself (a race, a read of
// memory never written) gives kKernelFault and a line on stderr.
DeviceError scan_software(const ScanParams& params, StreamHandle stream);
DeviceError select_software(const SelectParams& params, StreamHandle stream);
DeviceError threshold_software(const ThresholdParams& params, StreamHandle stream);
DeviceError append_software(const AppendParams& params, StreamHandle stream);
DeviceError scan_and_select_software(const ScanAndSelectParams& params, StreamHandle stream);

// The same with an order of blocks and threads, and a hardware's freedom in mma.sync, of one's own.
DeviceError scan_software_seeded(const ScanParams& params, std::uint64_t seed);
DeviceError select_software_seeded(const SelectParams& params, std::uint64_t seed);
DeviceError threshold_software_seeded(const ThresholdParams& params, std::uint64_t seed);
DeviceError append_software_seeded(const AppendParams& params, std::uint64_t seed);
DeviceError scan_and_select_software_seeded(const ScanAndSelectParams& params, std::uint64_t seed);

}  // namespace kleio::cuda
