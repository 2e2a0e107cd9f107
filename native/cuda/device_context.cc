#include "cuda/device_context.h"

namespace kleio::cuda {

DeviceContext::DeviceContext(std::unique_ptr<Device> opened, std::size_t history_budget_bytes)
    : device(std::move(opened)),
      memory(*device, history_budget_bytes > 0 ? history_budget_bytes
                                               : device->properties().memory_bytes / 2),
      lanes(*device, memory) {
  memory.set_last_resort([this] { lanes.shrink_idle(); });
}

}  // namespace kleio::cuda
