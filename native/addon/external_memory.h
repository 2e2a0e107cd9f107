// Native memory that lives as long as a JavaScript object: the garbage collector must know of it,
// or it sees a small object and takes its time.
#pragma once

#include <napi.h>

#include <cstddef>
#include <cstdint>
#include <utility>

namespace kleio::addon {

// What one object holds, as the collector has been told; with it, nothing.
class ExternalMemory {
 public:
  explicit ExternalMemory(napi_env env) noexcept : env_(env) {}
  ~ExternalMemory() { tell(0); }
  ExternalMemory(const ExternalMemory&) = delete;
  ExternalMemory& operator=(const ExternalMemory&) = delete;

  // So much is held now.
  void tell(std::size_t bytes) noexcept {
    if (bytes == told_bytes_) return;
    const auto before = static_cast<std::int64_t>(std::exchange(told_bytes_, bytes));
    std::int64_t total_bytes = 0;
    napi_adjust_external_memory(env_, static_cast<std::int64_t>(bytes) - before, &total_bytes);
  }

 private:
  napi_env env_;
  std::size_t told_bytes_ = 0;
};

}  // namespace kleio::addon
