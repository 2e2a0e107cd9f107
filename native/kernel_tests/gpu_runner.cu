// The tests' kernels on a GPU: the launches of the product, and the same kernels with thread blocks
// of one warp.
#include <cuda_runtime.h>

#include "cuda/kernels/append.cuh"
#include "cuda/kernels/execution_cuda.cuh"
#include "cuda/kernels/sample_threshold.cuh"
#include "cuda/kernels/scan.cuh"
#include "cuda/kernels/scan_and_select.cuh"
#include "cuda/kernels/scan_shapes.cuh"
#include "cuda/kernels/search_kernels.h"
#include "cuda/kernels/select.cuh"
#include "kernel_tests/check.h"
#include "kernel_tests/kernel_runner.h"
#include "kernel_tests/test_device.h"

namespace kleio::cuda::tests {
namespace {

using SmallBlock = CudaBlock<kWarpLanes>;

void finish(int error, const char* what) {
  require(error == cudaSuccess, "%s: %s", what,
          cudaGetErrorString(static_cast<cudaError_t>(error)));
  const cudaError_t end = cudaDeviceSynchronize();
  require(end == cudaSuccess, "%s: %s", what, cudaGetErrorString(end));
}

template <typename Shape>
__global__ void scan_small_kernel(const __grid_constant__ ScanParams scan) {
  SmallBlock block;
  Scan<SmallBlock, Shape>(block, scan).run();
}

template <CodeType kCode>
__global__ void select_small_kernel(const __grid_constant__ SelectParams select) {
  SmallBlock block;
  Select<SmallBlock, kCode> target(block, select, block.index());
  if (!target.is_padding()) target.write(target.run());
}

template <typename Shape>
__global__ void append_small_kernel(const __grid_constant__ AppendParams append) {
  SmallBlock block;
  Append<SmallBlock, Shape>(block, append).run();
}

__global__ void threshold_small_kernel(const __grid_constant__ ThresholdParams threshold) {
  SmallBlock block;
  find_sample_threshold(block, threshold);
}

template <typename Shape>
__global__ void scan_and_select_small_kernel(const __grid_constant__ ScanAndSelectParams both) {
  SmallBlock block;
  scan_and_select<Shape>(block, both);
}

template <CodeType kCode>
int scan_small(const ScanParams& scan) {
  if (scan.item_count == 0) return cudaSuccess;
  with_scan_shape<kCode>(scan.search, [&]<typename Shape>() {
    scan_small_kernel<Shape><<<scan.item_count, SmallBlock::kThreads>>>(scan);
  });
  return cudaPeekAtLastError();
}

template <CodeType kCode>
int select_small(const SelectParams& select) {
  const std::uint32_t targets = select.search.targets.count;
  if (targets == 0) return cudaSuccess;
  const std::uint32_t bytes = select_layout(SmallBlock::kThreads, select.k).bytes;
  select_small_kernel<kCode><<<targets, SmallBlock::kThreads, bytes>>>(select);
  return cudaPeekAtLastError();
}

__global__ void add_kernel(const __grid_constant__ AddParams params) {
  *params.sum = *params.value + params.times * params.addend;
}

template <CodeType kCode>
int append_small(const AppendParams& append) {
  if (append.item_count == 0) return cudaSuccess;
  const std::uint32_t bytes = append_layout(append.stage_capacity).bytes;
  with_append_shape<kCode>(append.search, [&]<typename Shape>() {
    append_small_kernel<Shape><<<append.item_count, SmallBlock::kThreads, bytes>>>(append);
  });
  return cudaPeekAtLastError();
}

template <CodeType kCode>
int scan_and_select_small(const ScanAndSelectParams& both) {
  if (both.scan.item_count == 0) return cudaSuccess;
  const std::uint32_t bytes = select_layout(SmallBlock::kThreads, both.select.k).bytes;
  with_resident_shape<kCode>(both.scan.search, [&]<typename Shape>() {
    scan_and_select_small_kernel<Shape>
        <<<both.scan.item_count, SmallBlock::kThreads, bytes>>>(both);
  });
  return cudaPeekAtLastError();
}

int threshold_small(const ThresholdParams& threshold) {
  const std::uint32_t targets = threshold.search.targets.count;
  if (targets == 0) return cudaSuccess;
  const std::uint32_t bytes = threshold_layout(SmallBlock::kThreads).bytes;
  threshold_small_kernel<<<targets, SmallBlock::kThreads, bytes>>>(threshold);
  return cudaPeekAtLastError();
}

int scan_small(const ScanParams& scan) {
  return with_code(scan.search.table.code_type,
                   [&]<CodeType kCode>() { return scan_small<kCode>(scan); });
}

int select_small(const SelectParams& select) {
  return with_code(select.search.table.code_type,
                   [&]<CodeType kCode>() { return select_small<kCode>(select); });
}

int append_small(const AppendParams& append) {
  return with_code(append.search.table.code_type,
                   [&]<CodeType kCode>() { return append_small<kCode>(append); });
}

int scan_and_select_small(const ScanAndSelectParams& both) {
  return with_code(both.scan.search.table.code_type,
                   [&]<CodeType kCode>() { return scan_and_select_small<kCode>(both); });
}

}  // namespace

bool runs_wgmma() {
  static const bool runs = [] {
    cudaDeviceProp found;
    finish(cudaGetDeviceProperties(&found, 0), "the device");
    if (found.major != 9 || found.minor != 0) return false;
    finish(prepare_append_cuda(), "shared memory of the append");
    return true;
  }();
  return runs;
}

DeviceError add_value(const AddParams& params, StreamHandle stream) {
  add_kernel<<<1, 1, 0, static_cast<cudaStream_t>(stream.native)>>>(params);
  return cudaPeekAtLastError();
}

void run_scan(const ScanParams& scan, bool small_blocks, Random&) {
  finish(small_blocks ? scan_small(scan) : scan_cuda(scan, {}), "the scan");
}

void run_select(const SelectParams& select, bool small_blocks, Random&) {
  finish(small_blocks ? select_small(select) : select_cuda(select, {}), "the select");
}

void run_threshold(const ThresholdParams& threshold, bool small_blocks, Random&) {
  finish(small_blocks ? threshold_small(threshold) : threshold_cuda(threshold, {}),
         "the threshold");
}

void run_append(const AppendParams& append, bool small_blocks, Random&) {
  const bool small = small_blocks && append.wgmma == 0;
  finish(small ? append_small(append) : append_cuda(append, {}), "the append");
}

void run_scan_and_select(const ScanAndSelectParams& both, bool small_blocks, Random&) {
  finish(small_blocks ? scan_and_select_small(both) : scan_and_select_cuda(both, {}),
         "scan and select");
}

}  // namespace kleio::cuda::tests
