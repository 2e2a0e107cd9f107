#include "cuda/kernels/search_launch.h"

#include "cuda/kernels/search_kernels.h"

namespace kleio::cuda {

DeviceError scan_cuda(const ScanParams& params, StreamHandle stream) {
  const auto on = static_cast<cudaStream_t>(stream.native);
  switch (params.search.table.code_type) {
    case CodeType::kInt8:
      return scan_int8(params, on);
    case CodeType::kFloat16:
      return scan_float16(params, on);
    case CodeType::kBfloat16:
      return scan_bfloat16(params, on);
  }
  return cudaErrorInvalidValue;
}

DeviceError select_cuda(const SelectParams& params, StreamHandle stream) {
  const auto on = static_cast<cudaStream_t>(stream.native);
  switch (params.search.table.code_type) {
    case CodeType::kInt8:
      return select_int8(params, on);
    case CodeType::kFloat16:
      return select_float16(params, on);
    case CodeType::kBfloat16:
      return select_bfloat16(params, on);
  }
  return cudaErrorInvalidValue;
}

DeviceError append_cuda(const AppendParams& params, StreamHandle stream) {
  const auto on = static_cast<cudaStream_t>(stream.native);
  switch (params.search.table.code_type) {
    case CodeType::kInt8:
      return params.wgmma != 0 ? append_wgmma(params, on) : append_int8(params, on);
    case CodeType::kFloat16:
      return append_float16(params, on);
    case CodeType::kBfloat16:
      return append_bfloat16(params, on);
  }
  return cudaErrorInvalidValue;
}

DeviceError scan_and_select_cuda(const ScanAndSelectParams& params, StreamHandle stream) {
  const auto on = static_cast<cudaStream_t>(stream.native);
  switch (params.scan.search.table.code_type) {
    case CodeType::kInt8:
      return scan_and_select_int8(params, on);
    case CodeType::kFloat16:
      return scan_and_select_float16(params, on);
    case CodeType::kBfloat16:
      return scan_and_select_bfloat16(params, on);
  }
  return cudaErrorInvalidValue;
}

}  // namespace kleio::cuda
