// What a thread pool runs, and the lists in which it waits.
#pragma once

#include <cstddef>

namespace kleio {

class JobList;

// It belongs to the caller and must live until it has run or been withdrawn.
class PoolJob {
 public:
  virtual void run() noexcept = 0;

 protected:
  ~PoolJob() = default;

 private:
  friend class JobList;
  JobList* list_ = nullptr;  // in which it waits
  PoolJob* before_ = nullptr;
  PoolJob* after_ = nullptr;
};

// Jobs in the order in which they came. It is threaded through them, so to add one never allocates,
// and each leaves from wherever it stands in one step.
class JobList {
 public:
  std::size_t length() const noexcept { return length_; }
  bool holds(const PoolJob& job) const noexcept { return job.list_ == this; }

  void add(PoolJob& job) noexcept {
    job.list_ = this;
    job.before_ = last_;
    (last_ == nullptr ? first_ : last_->after_) = &job;
    last_ = &job;
    ++length_;
  }

  // The list holds the job.
  void remove(PoolJob& job) noexcept {
    (job.before_ == nullptr ? first_ : job.before_->after_) = job.after_;
    (job.after_ == nullptr ? last_ : job.after_->before_) = job.before_;
    job.list_ = nullptr;
    job.before_ = job.after_ = nullptr;
    --length_;
  }

  // Null if there is none.
  PoolJob* take_first() noexcept {
    PoolJob* const job = first_;
    if (job != nullptr) remove(*job);
    return job;
  }

 private:
  PoolJob* first_ = nullptr;
  PoolJob* last_ = nullptr;
  std::size_t length_ = 0;
};

}  // namespace kleio
