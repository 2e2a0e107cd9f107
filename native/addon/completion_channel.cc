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
  const std::uint64_t number = last_number_ + 1;
  Job& submitted = *job;
  job->channel_ = this;
  job->number_ = number;
  job->done_ = Napi::Persistent(Napi::Function(env_, done));
  jobs_.emplace(number, std::move(job));
  {
    const std::lock_guard lock(mutex_);
    ++on_pool_;
  }
  if (!pool_.enqueue(submitted)) {
    {
      const std::lock_guard lock(mutex_);
      --on_pool_;
    }
    jobs_.erase(number);
    throw Error(ErrorCode::kQueueFull,
                "the queue holds " + std::to_string(pool_.queue_capacity()) +
                    " waiting calls and is full; await some of them first, or raise KLEIO_QUEUE");
  }
  last_number_ = number;
  if (jobs_.size() == 1) napi_ref_threadsafe_function(env_, deliver_);
  return number;
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
  std::unique_ptr<Job> job = std::move(jobs_.extract(settled.number_).mapped());
  if (jobs_.empty()) napi_unref_threadsafe_function(env_, deliver_);

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
