// A persistent pool of worker threads with two doors: `parallel_for`, in which the caller works
// too, and `enqueue`, a bounded queue of jobs that run in order, each on the next free worker.
//
// Whom a full queue refuses may wait for room. One hears of each place that becomes free, so those
// who ask again come as fast as the pool works, however many they are.
//
// A worker helps what has begun before it begins a queued job, and after its work it spins for a
// moment before it sleeps: back-to-back small searches then need no futex wake.
#pragma once

#include <cstddef>
#include <memory>

#include "core/function_ref.h"
#include "core/pool_job.h"

namespace kleio {

inline constexpr std::size_t kMaxThreads = 1024;
inline constexpr std::size_t kMaxQueueCapacity = std::size_t{1} << 20;
inline constexpr int kMaxNiceness = 19;  // what Linux knows as the least urgent

struct PoolOptions {
  std::size_t threads = 1;  // that may work on one job, the caller of parallel_for included
  std::size_t queue_capacity = 1;
  int niceness = 0;  // of the workers; only ever raised
};

class ThreadPool {
 public:
  // With fewer threads where the system refuses some. Throws kLimit if it starts none.
  explicit ThreadPool(const PoolOptions& options);
  ~ThreadPool();  // runs what is queued, then joins
  ThreadPool(const ThreadPool&) = delete;
  ThreadPool& operator=(const ThreadPool&) = delete;

  std::size_t threads() const noexcept;  // that there are
  std::size_t queue_capacity() const noexcept;

  // Calls task(index) for each index in [0, count), from at most `max_threads` threads at a time
  // (0: all), and returns when every call has returned. The caller takes part, so this never waits
  // for a busy pool, and a task may call it again. If a task throws, indices not begun are left out
  // and the first exception comes out here.
  void parallel_for(std::size_t count, std::size_t max_threads,
                    FunctionRef<void(std::size_t index)> task);

  // False when the queue is full.
  bool enqueue(PoolJob& job) noexcept;
  // Of the queue, at this moment.
  bool has_room() const noexcept;
  bool has_none_waiting() const noexcept;
  // Runs the job, which must be brief, when a place of the queue has become free: those that wait
  // have one place each, in order. At once, on the caller's thread, if the queue is empty. It holds
  // no place itself.
  void await_room(PoolJob& job) noexcept;
  // True if the job was still waiting: it will not run.
  bool withdraw(PoolJob& job) noexcept;

 private:
  struct Implementation;
  std::unique_ptr<Implementation> implementation_;
};

}  // namespace kleio
