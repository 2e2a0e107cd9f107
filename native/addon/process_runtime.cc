#include "addon/process_runtime.h"

#include <mutex>

#include "core/processors.h"

namespace kleio::addon {
namespace {

constexpr std::size_t kDefaultQueueCapacity = 1024;

// The only mutable statics of the addon: how environments on different threads find each other.
constinit std::mutex present_mutex;
constinit std::weak_ptr<ProcessRuntime> present;

}  // namespace

std::shared_ptr<ProcessRuntime> ProcessRuntime::join(const RuntimeOptions& options) {
  const std::lock_guard lock(present_mutex);
  std::shared_ptr<ProcessRuntime> runtime = present.lock();
  if (!runtime) {
    runtime = std::make_shared<ProcessRuntime>(options);
    present = runtime;
  }
  return runtime;
}

ProcessRuntime::ProcessRuntime(const RuntimeOptions& options)
    : isa(choose_isa(options.isa)),
      cpu(make_cpu_backend(isa)),
      accelerators(*cpu, options.accelerator),
      coalescing_window(options.coalescing_window),
      pool({.threads = options.threads > 0 ? options.threads : usable_cores(),
            .queue_capacity =
                options.queue_capacity > 0 ? options.queue_capacity : kDefaultQueueCapacity,
            .niceness = options.niceness}),
      searches(options.coalescing_window, coalesced,
               [this](std::span<const HistorySearch> asked, Cancellation cancellation) {
                 search_many(asked, {pool, cancellation});
               }) {}

}  // namespace kleio::addon
