#include "cuda/device_context.h"

#include "core/error.h"

namespace kleio::cuda {

DeviceContext::DeviceContext(std::unique_ptr<Device> opened, std::size_t history_budget_bytes)
    : device(std::move(opened)),
      memory(*device, history_budget_bytes > 0 ? history_budget_bytes
                                               : device->properties().memory_bytes / 2),
      lanes(*device, memory) {}

DeviceBuffer DeviceContext::allocate(std::size_t bytes, StreamHandle stream) {
  try {
    return memory.allocate(bytes, stream);
  } catch (const Error& error) {
    if (error.code() != ErrorCode::kOutOfMemory) throw;
    lanes.shrink_idle();
    return memory.allocate(bytes, stream);
  }
}

}  // namespace kleio::cuda
