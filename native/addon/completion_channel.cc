#include "addon/completion_channel.h"

#include <string>
#include <utility>

#include "addon/environment.h"
#include "addon/guard.h"
#include "core/error.h"
#include "core/float_state.h"

namespace kleio::addon {

void Job::run() noexcept {
  if (cancelled_) {
    conclude(attempt([this] { cancellation().throw_if_requested(); }));
  } else {
    start();
  }
}

void Job::start() noexcept {
  conclude(attempt([this] { perform(); }));
}

void Job::conclude(std::optional<Failure> failure) noexcept {
  failure_ = std::move(failure);
  channel_->finished(*this);
}

CompletionChannel::CompletionChannel(napi_env env, ThreadPool& pool) : env_(env), pool_(pool) {
  require_ok(env,
             napi_create_threadsafe_function(env, nullptr, nullptr, Napi::String::New(env, "kleio"),
                                             0, 1, nullptr, nullptr, this, on_delivery, &deliver_));
  require_ok(env, napi_unref_threadsafe_function(env, deliver_));
}

CompletionChannel::~CompletionChannel() {
  for (const auto& [number, job] : jobs_) {
    job->cancelled_ = true;
    if (pool_.withdraw(*job)) {
      const std::lock_guard lock(mutex_);
      --on_pool_;
    }
  }
  {
    std::unique_lock lock(mutex_);
    pool_left_.wait(lock, [this] { return on_pool_ == 0; });
  }
  // Completions still in its queue come back without an environment, and are ignored.
  napi_release_threadsafe_function(deliver_, napi_tsfn_release);
}

std::uint64_t CompletionChannel::submit(std::unique_ptr<Job> job, napi_value done) {
  Job& kept = keep(std::move(job), done);
  const std::uint64_t number = kept.number_;
  if (pool_.enqueue(kept)) return number;
  {
    const std::lock_guard lock(mutex_);
    --on_pool_;
  }
  forget(number);
  refuse();
}

void CompletionChannel::require_room() const {
  if (!pool_.has_room()) refuse();
}

void CompletionChannel::refuse() const {
  throw Error(ErrorCode::kQueueFull,
              "the queue holds " + std::to_string(pool_.queue_capacity()) +
                  " waiting calls and is full; await some of them first, or raise KLEIO_QUEUE");
}

std::uint64_t CompletionChannel::await_room(std::unique_ptr<Job> job, napi_value done) {
  Job& kept = keep(std::move(job), done);
  const std::uint64_t number = kept.number_;
  pool_.await_room(kept);
  return number;
}

// From here on a pool thread may touch the job.
Job& CompletionChannel::keep(std::unique_ptr<Job> job, napi_value done) {
  Job& kept = *job;
  job->done_ = Napi::Persistent(Napi::Function(env_, done));
  job->channel_ = this;
  job->number_ = last_number_ + 1;
  jobs_.emplace(kept.number_, std::move(job));
  ++last_number_;
  if (jobs_.size() == 1) napi_ref_threadsafe_function(env_, deliver_);
  const std::lock_guard lock(mutex_);
  ++on_pool_;
  return kept;
}

std::unique_ptr<Job> CompletionChannel::forget(std::uint64_t number) {
  std::unique_ptr<Job> job = std::move(jobs_.extract(number).mapped());
  if (jobs_.empty()) napi_unref_threadsafe_function(env_, deliver_);
  return job;
}

void CompletionChannel::cancel(std::uint64_t number) {
  const auto found = jobs_.find(number);
  if (found == jobs_.end()) return;
  Job& job = *found->second;
  job.cancelled_ = true;
  if (pool_.withdraw(job)) job.run();  // only to say that it was aborted
}

void CompletionChannel::finished(Job& job) noexcept {
  napi_call_threadsafe_function(deliver_, &job, napi_tsfn_nonblocking);
  // The job may be gone now. The channel cannot: it waits for this count.
  const std::lock_guard lock(mutex_);
  if (--on_pool_ == 0) pool_left_.notify_all();
}

void CompletionChannel::on_delivery(napi_env env, napi_value, void* channel, void* job) noexcept {
  if (env == nullptr) return;  // the environment is gone, and the channel with it
  try {
    static_cast<CompletionChannel*>(channel)->settle(*static_cast<Job*>(job));
  } catch (...) {
    throw_current_exception(env);
  }
}

void CompletionChannel::settle(Job& settled) {
  std::unique_ptr<Job> job = forget(settled.number_);
  napi_value value = Napi::Env(env_).Undefined();
  std::optional<Failure> failure = std::move(job->failure_);
  if (!failure) {
    try {
      const StandardFloatState standard;
      value = job->result(env_);
    } catch (...) {
      failure = current_failure();
    }
  }
  const Napi::Function done = job->done_.Value();
  job.reset();  // what it holds of a history is free again before JavaScript runs
  const napi_value error =
      failure ? Environment::of(env_).make_error(*failure) : Napi::Env(env_).Undefined();
  done.Call({error, value});
}

}  // namespace kleio::addon
