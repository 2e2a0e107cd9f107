// The kernel table of a GPU.
#include "cuda/kernels/kernel_table.h"
#include "cuda/kernels/peak_kernels.h"
#include "cuda/kernels/rank_kernels.h"
#include "cuda/kernels/search_kernels.h"
#include "cuda/kernels/slot_changes.h"

namespace kleio::cuda {
namespace {

DeviceError prepare_cuda() {
  const DeviceError error = prepare_rank_cuda();
  return error != kSuccess ? error : prepare_append_cuda();
}

}  // namespace

const KernelTable& cuda_kernels() noexcept {
  static constexpr KernelTable kKernels = {.prepare = prepare_cuda,
                                           .scan = scan_cuda,
                                           .select = select_cuda,
                                           .scan_and_select = scan_and_select_cuda,
                                           .threshold = threshold_cuda,
                                           .append = append_cuda,
                                           .rank = rank_cuda,
                                           .attend = attend_cuda,
                                           .tabulate = tabulate_cuda,
                                           .change_slots = change_slots_cuda,
                                           .peak = peak_cuda};
  return kKernels;
}

}  // namespace kleio::cuda
