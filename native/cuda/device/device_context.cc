#include "cuda/device/device_context.h"

namespace kleio::cuda {

DeviceContext::DeviceContext(std::unique_ptr<Device> opened, const AcceleratorOptions& options)
    : device(std::move(opened)),
      search(options.search),
      wgmma(options.append == AppendKernel::kWgmma && device->properties().wgmma),
      one_launch_targets(options.one_launch_targets),
      select_width(options.select_width),
      memory(*device, options.history_budget_bytes > 0 ? options.history_budget_bytes
                                                       : device->properties().memory_bytes / 2),
      streams(*device, memory, counters.graphs, options.graphs) {
  memory.set_last_resort([this] { streams.shrink_idle(); });
}

}  // namespace kleio::cuda
