// Writing the changed slots of a history into its columns on the device: `newest` and `rows` are
// scattered, so the changes go up as one list and a kernel puts them where they belong.
#pragma once

#include <cstdint>

#include "core/host_device.h"
#include "cuda/kernels/kernel_table.h"

namespace kleio::cuda {

struct SlotChange {
  std::uint32_t slot = 0;
  std::int32_t row = -1;
  std::uint32_t newest = 0;
};

struct SlotChangeParams {
  const SlotChange* changes = nullptr;  // [count], every slot at most once
  std::int32_t* rows = nullptr;
  std::uint32_t* newest = nullptr;
  std::uint32_t count = 0;
};

KLEIO_HOST_DEVICE inline void apply_change(const SlotChangeParams& params, std::uint32_t index) {
  const SlotChange change = params.changes[index];
  params.rows[change.slot] = change.row;
  params.newest[change.slot] = change.newest;
}

DeviceError change_slots_cuda(const SlotChangeParams& params, StreamHandle stream);
DeviceError change_slots_software(const SlotChangeParams& params, StreamHandle stream);

}  // namespace kleio::cuda
