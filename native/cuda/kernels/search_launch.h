// The launches of the search kernels by type of codes: search_kernels_<type>.cu and
// append_kernels_<type>.cu and scan_and_select_kernels_<type>.cu define one each.
#pragma once

#include <cuda_runtime.h>

#include "cuda/kernels/kernel_table.h"
#include "cuda/kernels/search_params.h"

namespace kleio::cuda {

DeviceError scan_int8(const ScanParams& params, cudaStream_t stream);
DeviceError scan_float16(const ScanParams& params, cudaStream_t stream);
DeviceError scan_bfloat16(const ScanParams& params, cudaStream_t stream);

DeviceError select_int8(const SelectParams& params, cudaStream_t stream);
DeviceError select_float16(const SelectParams& params, cudaStream_t stream);
DeviceError select_bfloat16(const SelectParams& params, cudaStream_t stream);

DeviceError append_int8(const AppendParams& params, cudaStream_t stream);
DeviceError append_float16(const AppendParams& params, cudaStream_t stream);
DeviceError append_bfloat16(const AppendParams& params, cudaStream_t stream);
// Of int8 codes (wgmma_append_kernels.cu), on devices that have wgmma.
DeviceError append_wgmma(const AppendParams& params, cudaStream_t stream);

DeviceError scan_and_select_int8(const ScanAndSelectParams& params, cudaStream_t stream);
DeviceError scan_and_select_float16(const ScanAndSelectParams& params, cudaStream_t stream);
DeviceError scan_and_select_bfloat16(const ScanAndSelectParams& params, cudaStream_t stream);

}  // namespace kleio::cuda
