// What every call brings along beside its question: the threads that may work on it, and whether it
// is still wanted.
#pragma once

#include <algorithm>
#include <cstddef>

#include "core/cancellation.h"
#include "core/function_ref.h"
#include "core/thread_pool.h"

namespace kleio {

struct CallContext {
  ThreadPool& pool;
  Cancellation cancellation = {};
  std::size_t max_threads = 0;  // 0: as many as the pool has

  std::size_t threads() const noexcept {
    return max_threads == 0 ? pool.threads() : std::min(max_threads, pool.threads());
  }

  // As of the pool, on the threads of this call.
  void parallel_for(std::size_t count, FunctionRef<void(std::size_t index)> task) const {
    pool.parallel_for(count, max_threads, task);
  }

  // Throws kAborted.
  void throw_if_cancelled() const { cancellation.throw_if_requested(); }

  // The same call with another limit.
  CallContext limited_to(std::size_t threads) const noexcept {
    return {pool, cancellation, threads};
  }
};

}  // namespace kleio
