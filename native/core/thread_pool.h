// A persistent pool of worker threads with two doors: `parallel_for`, in which the caller works too,
// and `enqueue`, a bounded queue of jobs that run one after the other on a free worker.
#pragma once

#include <cstddef>
#include <functional>
#include <memory>

namespace kleio {

class ThreadPool {
 public:
  // `threads` counts the threads that may work on one job, the caller of parallel_for included.
  ThreadPool(std::size_t threads, std::size_t queue_capacity);
  ~ThreadPool();  // runs what is queued, then joins
  ThreadPool(const ThreadPool&) = delete;
  ThreadPool& operator=(const ThreadPool&) = delete;

  std::size_t threads() const noexcept;
  std::size_t queue_capacity() const noexcept;

  // Calls task(index) for each index in [0, count), from at most `max_threads` threads at a time (0:
  // all), and returns when every call has returned. The caller takes part, so this never waits for a
  // busy pool. `task` must not throw.
  void parallel_for(std::size_t count, std::size_t max_threads,
                    const std::function<void(std::size_t index)>& task);

  // False when the queue is full. `job` must not throw.
  bool enqueue(std::function<void()> job);

 private:
  struct Implementation;
  std::unique_ptr<Implementation> implementation_;
};

}  // namespace kleio
