// Jobs of one environment on the pool, and their way back to its JavaScript thread: one thread-safe
// function for all of them, which keeps the event loop alive only while a job is in flight.
#pragma once

#include <napi.h>

#include <atomic>
#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <mutex>
#include <optional>
#include <unordered_map>

#include "addon/failure.h"
#include "core/call_context.h"
#include "core/thread_pool.h"

namespace kleio::addon {

class CompletionChannel;

// Work for the pool whose end a JavaScript callback `done(error, value)` hears of. Made and
// destroyed on the environment's thread.
class Job : public PoolJob {
 public:
  virtual ~Job() = default;
  Job(const Job&) = delete;
  Job& operator=(const Job&) = delete;

 protected:
  Job() = default;
  // On a pool thread; may throw, and ends early once it is cancelled.
  virtual void perform() = 0;
  // On the environment's thread after a success: the value for `done`.
  virtual napi_value result(napi_env env) = 0;

  // On a pool thread: performs and concludes, or hands the job to who will.
  virtual void start() noexcept;
  // On any thread, once; afterwards only the channel may touch the job.
  void conclude(std::optional<Failure> failure) noexcept;

  Cancellation cancellation() const noexcept { return Cancellation(cancelled_); }

 private:
  friend class CompletionChannel;
  void run() noexcept final;

  CompletionChannel* channel_ = nullptr;
  std::uint64_t number_ = 0;
  Napi::FunctionReference done_;
  std::optional<Failure> failure_;
  std::atomic<bool> cancelled_{false};
};

// Every member function but `finished` belongs to the environment's thread.
class CompletionChannel {
 public:
  CompletionChannel(napi_env env, ThreadPool& pool);
  // Cancels all jobs, waits for them, and forgets them without calling `done`.
  ~CompletionChannel();
  CompletionChannel(const CompletionChannel&) = delete;
  CompletionChannel& operator=(const CompletionChannel&) = delete;

  // Returns the job's number, never 0. Throws kQueueFull.
  std::uint64_t submit(std::unique_ptr<Job> job, napi_value done);
  // Throws kQueueFull where `submit` would at this moment.
  void require_room() const;
  // As `submit`, for a job that does nothing but wait until a place of the queue is free.
  std::uint64_t await_room(std::unique_ptr<Job> job, napi_value done);
  // Does nothing if the job is over.
  void cancel(std::uint64_t number);

 private:
  friend class Job;
  static void on_delivery(napi_env env, napi_value, void* channel, void* job) noexcept;
  [[noreturn]] void refuse() const;
  Job& keep(std::unique_ptr<Job> job, napi_value done);
  std::unique_ptr<Job> forget(std::uint64_t number);
  void settle(Job& job);
  void finished(Job& job) noexcept;

  napi_env env_;
  ThreadPool& pool_;
  napi_threadsafe_function deliver_ = nullptr;
  std::unordered_map<std::uint64_t, std::unique_ptr<Job>> jobs_;
  std::uint64_t last_number_ = 0;

  std::mutex mutex_;
  std::condition_variable pool_left_;
  std::size_t on_pool_ = 0;  // jobs that a pool thread may still touch; guarded by mutex_
};

}  // namespace kleio::addon
