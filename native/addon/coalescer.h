// Gathers calls that are in flight at once and answers them as one.
//
// The first job to reach a thread of the pool waits there for the window; those that reach another
// thread meanwhile are left with it, and their threads go on. Nothing waits longer than the window,
// and no answer depends on its company.
#pragma once

#include <array>
#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <mutex>
#include <optional>
#include <span>
#include <utility>
#include <vector>

#include "addon/completion_channel.h"
#include "addon/failure.h"

namespace kleio::addon {

template <typename Question>
class Coalescer;

// A job whose question can be answered together with others.
template <typename Question>
class CoalescedJob : public Job {
 protected:
  // The coalescer outlives its jobs.
  CoalescedJob(Question question, Coalescer<Question>& coalescer)
      : question_(std::move(question)), coalescer_(coalescer) {}

 private:
  friend class Coalescer<Question>;

  void start() noexcept final {
    if (!coalescer_.take(*this)) Job::start();
  }
  void perform() final { coalescer_.answer_({&question_, 1}, cancellation()); }
  napi_value result(napi_env env) final { return Napi::Env(env).Undefined(); }

  // Released where the job is, on its environment's thread: a history relies on that.
  Question question_;
  Coalescer<Question>& coalescer_;
};

template <typename Question>
class Coalescer {
 public:
  using Job = CoalescedJob<Question>;
  using Answer = std::function<void(std::span<const Question>, Cancellation)>;

  // A window of zero answers every job by itself. `coalesced` counts the jobs that were answered
  // together with others.
  Coalescer(std::chrono::microseconds window, std::atomic<std::uint64_t>& coalesced, Answer answer)
      : window_(window), coalesced_(coalesced), answer_(std::move(answer)) {}

 private:
  friend class CoalescedJob<Question>;
  static constexpr std::size_t kMaxBatch = 256;

  // Sees to it that the job is concluded, now or by the thread that gathers; or returns false.
  bool take(Job& job) noexcept {
    if (window_.count() == 0) return false;
    std::unique_lock lock(mutex_);
    if (gathered_ == kMaxBatch) return false;
    jobs_[gathered_++] = &job;
    if (gathered_ == kMaxBatch) full_.notify_one();
    if (gathered_ > 1) return true;
    full_.wait_for(lock, window_, [this] { return gathered_ == kMaxBatch; });
    const std::array<Job*, kMaxBatch> jobs = jobs_;
    const std::size_t count = std::exchange(gathered_, 0);
    lock.unlock();
    conclude({jobs.data(), count});
    return true;
  }

  void conclude(std::span<Job* const> jobs) noexcept {
    std::vector<Question> questions;
    std::optional<Failure> failure = attempt([&] {
      questions.reserve(jobs.size());
      for (Job* job : jobs) questions.push_back(std::move(job->question_));
      answer_(questions, {});
    });
    for (std::size_t i = 0; i < questions.size(); ++i) {
      jobs[i]->question_ = std::move(questions[i]);
    }
    if (jobs.size() > 1) coalesced_ += jobs.size();
    for (Job* job : jobs) {
      // Who failed in company may succeed alone, and an error must not reach the innocent.
      job->conclude(failure && jobs.size() > 1 ? attempt([job] { job->perform(); }) : failure);
    }
  }

  const std::chrono::microseconds window_;
  std::atomic<std::uint64_t>& coalesced_;
  const Answer answer_;
  std::mutex mutex_;
  std::condition_variable full_;
  std::array<Job*, kMaxBatch> jobs_{};  // guarded by mutex_, as the next line
  std::size_t gathered_ = 0;
};

}  // namespace kleio::addon
