#include "core/thread_pool.h"

#include <algorithm>
#include <atomic>
#include <cassert>
#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <mutex>
#include <string>
#include <system_error>
#include <thread>
#include <utility>
#include <vector>

#include "core/block_memory.h"
#include "core/error.h"
#include "core/float_state.h"
#include "core/idle_memory.h"
#include "core/parallel_region.h"
#include "core/spin.h"

#ifdef __linux__
#include <pthread.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>
#endif

namespace kleio {
namespace {

// Without work for so long, the pool rests.
constexpr std::chrono::milliseconds kRestAfter{250};

// Named for whoever looks at the process.
void introduce_this_thread([[maybe_unused]] int niceness) noexcept {
#ifdef __linux__
  pthread_setname_np(pthread_self(), "kleio");
  const auto thread = static_cast<id_t>(::syscall(SYS_gettid));
  if (::getpriority(PRIO_PROCESS, thread) < niceness) {
    ::setpriority(PRIO_PROCESS, thread, niceness);  // a wish: searches work without it
  }
#endif
}

Error nobody_starts(const std::system_error& refusal) {
  return Error(ErrorCode::kLimit,
               std::string("the system starts no thread for this package: ") +
                   refusal.code().message() +
                   " (limits of threads: ulimit -u, pids.max of a container; of address space: "
                   "ulimit -v); the next call tries again");
}

}  // namespace

struct ThreadPool::Implementation final : private IdleWatch {
  explicit Implementation(const PoolOptions& options)
      : queue_capacity(std::max<std::size_t>(options.queue_capacity, 1)),
        niceness(options.niceness) {
    // As many workers as threads, so that a queued job finds threads - 1 others to help it.
    const std::size_t wanted = std::max<std::size_t>(options.threads, 1);
    workers.reserve(wanted);
    keep(wanted);
    try {
      while (workers.size() < wanted) {
        workers.emplace_back([this, index = workers.size()] { serve(index); });
      }
    } catch (const std::system_error& refusal) {
      if (workers.empty()) throw nobody_starts(refusal);
      // Whoever takes the last thread, or the last of the memory for its stack, leaves the process
      // none: half of what there was goes back.
      keep((workers.size() + 1) / 2);
    } catch (...) {
      keep(0);
      throw;
    }
    {
      const std::lock_guard lock(mutex);
      threads = workers.size();
      // Workers that sleep by now did not know who is the last of them.
      rested = true;
    }
    begin_watch();
  }

  ~Implementation() {
    end_watch();
    stop();
  }

  void parallel_for(std::size_t count, std::size_t helpers, FunctionRef<void(std::size_t)> task) {
    ParallelRegion region(count, helpers, task);
    open(region);
    region.work();
    close(region);
    wait_for_helpers(region);
    region.rethrow_failure();
  }

  bool enqueue(PoolJob& job) noexcept {
    std::size_t wakes;
    {
      const std::lock_guard lock(mutex);
      if (is_full()) return false;
      queued.add(job);
      wakes = announce(1);
    }
    wake(wakes);
    return true;
  }

  bool has_room() noexcept {
    const std::lock_guard lock(mutex);
    return !is_full();
  }

  void await_room(PoolJob& job) noexcept {
    {
      const std::lock_guard lock(mutex);
      // As long as anything is queued, another place will be free.
      if (queued.length() > 0) return awaiting_room.add(job);
    }
    job.run();
  }

  bool has_none_waiting() noexcept {
    const std::lock_guard lock(mutex);
    return queued.length() == 0;
  }

  bool withdraw(PoolJob& job) noexcept {
    PoolJob* next = nullptr;
    {
      const std::lock_guard lock(mutex);
      if (awaiting_room.holds(job)) {
        awaiting_room.remove(job);
      } else if (queued.holds(job)) {
        queued.remove(job);
        next = awaiting_room.take_first();
      } else {
        return false;
      }
    }
    if (next != nullptr) next->run();
    return true;
  }

  std::size_t threads = 0;  // of the constructor's making
  const std::size_t queue_capacity;
  const int niceness;

  // Work has ended that the pool may have rested in, or never heard of: somebody must be awake to
  // see when there has been none for a while.
  void note_work() noexcept {
    if (!rested.load()) return;
    {
      const std::lock_guard lock(mutex);
      announce(1);
    }
    wake(1);
  }

 private:
  void expect() noexcept override { note_work(); }

  void open(ParallelRegion& region) {
    std::size_t wakes;
    {
      const std::lock_guard lock(mutex);
      ParallelRegion** end = &first_open;  // at the end: the oldest region is helped first
      while (*end != nullptr) end = &(*end)->next_open;
      *end = &region;
      wakes = announce(region.helpers_wanted);
    }
    wake(wakes);
  }

  void close(ParallelRegion& region) noexcept {
    const std::lock_guard lock(mutex);
    unlink(region);
  }

  void unlink(ParallelRegion& region) noexcept {
    for (ParallelRegion** link = &first_open; *link != nullptr; link = &(*link)->next_open) {
      if (*link != &region) continue;
      *link = region.next_open;
      return;
    }
  }

  // A helper touches the region for the last time when it leaves it, so the condition variable that
  // the caller may sleep on is the pool's. The counters are sequentially consistent: either the
  // last helper sees that a caller waits, or the caller sees that the last helper has left.
  void wait_for_helpers(ParallelRegion& region) noexcept {
    const auto done = [&region] { return region.helpers_inside.load() == 0; };
    if (spin_until(done)) return;
    callers_waiting.fetch_add(1);
    {
      std::unique_lock lock(mutex);
      helpers_left.wait(lock, done);
    }
    callers_waiting.fetch_sub(1);
  }

  void help(ParallelRegion& region) noexcept {
    region.work();
    region.helpers_inside.fetch_sub(1);
    if (callers_waiting.load() == 0) return;
    {
      const std::lock_guard lock(mutex);
    }
    helpers_left.notify_all();
  }

  // Under the mutex.
  bool is_full() const noexcept { return queued.length() >= queue_capacity; }

  // Under the mutex. Returns how many sleepers to wake: those that spin all see the new epoch and
  // stop spinning.
  std::size_t announce(std::size_t workers_wanted) noexcept {
    rested = false;
    epoch.fetch_add(1, std::memory_order_release);
    const std::size_t coming = std::exchange(spinning, 0);
    return workers_wanted > coming ? std::min(workers_wanted - coming, sleeping) : 0;
  }

  void wake(std::size_t count) noexcept {
    for (std::size_t i = 0; i < count; ++i) work_arrived.notify_one();
  }

  // Under the mutex. The oldest region that wants another helper, which the caller now is.
  ParallelRegion* join_region() noexcept {
    while (first_open != nullptr && first_open->exhausted()) first_open = first_open->next_open;
    ParallelRegion* region = first_open;
    if (region == nullptr) return nullptr;
    region->helpers_inside.fetch_add(1);
    if (--region->helpers_wanted == 0) first_open = region->next_open;
    return region;
  }

  void serve(std::size_t index) noexcept {
    introduce_this_thread(niceness);
    const StandardFloatState standard;
    std::unique_lock lock(mutex);
    for (;;) {
      if (index >= kept) return;
      if (ParallelRegion* region = join_region()) {
        lock.unlock();
        help(*region);
        lock.lock();
      } else if (PoolJob* job = queued.take_first()) {
        PoolJob* const next = awaiting_room.take_first();
        lock.unlock();
        if (next != nullptr) next->run();
        job->run();
        lock.lock();
      } else if (stopping) {
        return;
      } else {
        await_work(lock);
      }
    }
  }

  void await_work(std::unique_lock<std::mutex>& lock) noexcept {
    const std::uint64_t seen = epoch.load(std::memory_order_relaxed);
    const auto changed = [this, seen] { return epoch.load(std::memory_order_acquire) != seen; };
    ++spinning;
    lock.unlock();
    spin_until(changed);
    lock.lock();
    if (changed()) return;  // and `announce` has reset the count
    --spinning;
    ++sleeping;
    while (!rested && sleeping == threads && !work_arrived.wait_for(lock, kRestAfter, changed)) {
      rest(lock);
    }
    work_arrived.wait(lock, changed);
    --sleeping;
  }

  // Joins the workers beyond the first `count`. Only before the pool has work.
  void keep(std::size_t count) noexcept {
    {
      const std::lock_guard lock(mutex);
      kept = count;
      announce(workers.size());
    }
    work_arrived.notify_all();
    for (; workers.size() > count; workers.pop_back()) workers.back().join();
  }

  // The last to sleep, if nothing has run for a while: gives back what is kept for the next call.
  void rest(std::unique_lock<std::mutex>& lock) noexcept {
    if (sleeping < threads || rested || !kept_pages_lie()) return;
    rested = true;
    lock.unlock();
    give_back_idle_memory();
    lock.lock();
  }

  void stop() noexcept {
    {
      const std::lock_guard lock(mutex);
      stopping = true;
      announce(threads);
    }
    work_arrived.notify_all();
    for (std::thread& worker : workers) worker.join();
  }

  std::mutex mutex;
  std::condition_variable work_arrived;
  std::condition_variable helpers_left;
  JobList queued;
  JobList awaiting_room;  // each to be told of one place that becomes free
  ParallelRegion* first_open = nullptr;
  std::size_t spinning = 0;
  std::size_t sleeping = 0;
  bool stopping = false;
  std::size_t kept = 0;            // workers of this index and above leave
  std::atomic<bool> rested{true};  // since the last work; written under the mutex
  std::atomic<std::uint64_t> epoch{0};
  std::atomic<std::size_t> callers_waiting{0};
  std::vector<std::thread> workers;
};

ThreadPool::ThreadPool(const PoolOptions& options)
    : implementation_(std::make_unique<Implementation>(options)) {}

ThreadPool::~ThreadPool() = default;

std::size_t ThreadPool::threads() const noexcept {
  return implementation_->threads;
}

std::size_t ThreadPool::queue_capacity() const noexcept {
  return implementation_->queue_capacity;
}

void ThreadPool::parallel_for(std::size_t count, std::size_t max_threads,
                              FunctionRef<void(std::size_t index)> task) {
  assert(FloatState::now().is_standard());
  const std::size_t allowed = max_threads == 0 ? threads() : std::min(max_threads, threads());
  const std::size_t useful = std::min(allowed, count);
  if (useful <= 1) {
    for (std::size_t index = 0; index < count; ++index) task(index);
  } else {
    implementation_->parallel_for(count, useful - 1, task);
  }
  implementation_->note_work();
}

bool ThreadPool::enqueue(PoolJob& job) noexcept {
  return implementation_->enqueue(job);
}

bool ThreadPool::has_none_waiting() const noexcept {
  return implementation_->has_none_waiting();
}

bool ThreadPool::has_room() const noexcept {
  return implementation_->has_room();
}

void ThreadPool::await_room(PoolJob& job) noexcept {
  implementation_->await_room(job);
}

bool ThreadPool::withdraw(PoolJob& job) noexcept {
  return implementation_->withdraw(job);
}

}  // namespace kleio
