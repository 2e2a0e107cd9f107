#include "cuda/kernels/slot_changes.h"

namespace kleio::cuda {

DeviceError change_slots_software(const SlotChangeParams& params, StreamHandle) {
  for (std::uint32_t i = 0; i < params.count; ++i) apply_change(params, i);
  return kSuccess;
}

}  // namespace kleio::cuda
