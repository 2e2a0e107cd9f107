// What all environments of the process share: the backends and the thread pool. The first
// environment makes it; with the last one, and the last table and history, it goes, on that
// environment's thread.
#pragma once

#include <atomic>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>

#include "addon/accelerators.h"
#include "addon/coalescer.h"
#include "addon/reading_memory.h"
#include "addon/shared_objects.h"
#include "core/backend.h"
#include "core/thread_pool.h"
#include "cpu/cpu_backend.h"

namespace kleio::addon {

struct RuntimeOptions {
  std::string isa;                                 // empty: the best that this machine has
  std::size_t threads = 0;                         // 0: the cores that this process may use
  std::size_t queue_capacity = 0;                  // 0: 1024
  int niceness = 0;                                // of the pool's threads, 0 to 19
  std::chrono::microseconds coalescing_window{0};  // 0: every call is answered by itself
  AcceleratorOptions accelerator;
};

class ProcessRuntime {
 public:
  // The runtime there is, or a new one by `options`. Throws kIsa.
  static std::shared_ptr<ProcessRuntime> join(const RuntimeOptions& options);

  explicit ProcessRuntime(const RuntimeOptions& options);

  const Isa& isa;
  const std::unique_ptr<const Backend> cpu;
  Accelerators accelerators;
  const std::chrono::microseconds coalescing_window;
  ThreadPool pool;
  ReadingMemoryPool reading_memory;
  std::atomic<std::uint64_t> coalesced{0};  // calls that were answered together with others
  Coalescer<HistorySearch> searches;
  SharedObjects shared;
};

}  // namespace kleio::addon
