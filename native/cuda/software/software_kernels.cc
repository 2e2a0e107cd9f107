// The kernel table of the software device.
#include "cuda/kernels/kernel_table.h"
#include "cuda/kernels/peak_kernels.h"
#include "cuda/kernels/rank_kernels.h"
#include "cuda/kernels/search_kernels.h"
#include "cuda/kernels/slot_changes.h"

namespace kleio::cuda {

const KernelTable& software_kernels() noexcept {
  static constexpr KernelTable kKernels = {.prepare = nullptr,
                                           .scan = scan_software,
                                           .select = select_software,
                                           .scan_and_select = scan_and_select_software,
                                           .threshold = threshold_software,
                                           .append = append_software,
                                           .rank = rank_software,
                                           .attend = attend_software,
                                           .tabulate = tabulate_software,
                                           .change_slots = change_slots_software,
                                           .peak = peak_software};
  return kKernels;
}

}  // namespace kleio::cuda
