// A value that can only be reached while its mutex is held.
#pragma once

#include <mutex>
#include <utility>

namespace kleio {

template <typename Value>
class Guarded {
 public:
  // The mutex is held as long as this lives.
  template <typename Accessed>
  class Access {
   public:
    Accessed* operator->() const noexcept { return &value_; }
    Accessed& operator*() const noexcept { return value_; }

   private:
    friend class Guarded;
    Access(std::mutex& mutex, Accessed& value) : lock_(mutex), value_(value) {}

    const std::lock_guard<std::mutex> lock_;
    Accessed& value_;
  };

  template <typename... Arguments>
  explicit Guarded(Arguments&&... arguments) : value_(std::forward<Arguments>(arguments)...) {}

  // Keep what it returns in a variable: a temporary holds the mutex for one expression.
  [[nodiscard]] Access<Value> lock() { return {mutex_, value_}; }
  [[nodiscard]] Access<const Value> lock() const { return {mutex_, value_}; }

 private:
  mutable std::mutex mutex_;
  Value value_;
};

}  // namespace kleio
