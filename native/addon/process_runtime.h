// What all environments of the process share: the backend and the thread pool. The first
// environment makes it; with the last one, and the last history, it goes, on that environment's
// thread.
#pragma once

#include <cstddef>
#include <memory>
#include <string>

#include "core/backend.h"
#include "core/thread_pool.h"
#include "cpu/isa.h"

namespace kleio::addon {

struct RuntimeOptions {
  std::string isa;                 // empty: the best that this machine has
  std::size_t threads = 0;         // 0: the cores that this process may use
  std::size_t queue_capacity = 0;  // 0: 1024
  int niceness = 0;                // of the pool's threads, 0 to 19
};

class ProcessRuntime {
 public:
  // The runtime there is, or a new one by `options`. Throws kIsa.
  static std::shared_ptr<ProcessRuntime> join(const RuntimeOptions& options);

  explicit ProcessRuntime(const RuntimeOptions& options);

  const Isa isa;
  const std::unique_ptr<const Backend> backend;
  ThreadPool pool;
};

}  // namespace kleio::addon
