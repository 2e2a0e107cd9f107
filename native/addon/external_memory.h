// Native memory that lives as long as a JavaScript object: the garbage collector must know of it,
// or it sees a small object and takes its time.
#pragma once

#include <napi.h>

#include <cstddef>
#include <cstdint>

namespace kleio::addon {

inline void account_external_memory(napi_env env, std::size_t now_bytes,
                                    std::size_t before_bytes) noexcept {
  if (now_bytes == before_bytes) return;
  std::int64_t total_bytes = 0;
  napi_adjust_external_memory(
      env, static_cast<std::int64_t>(now_bytes) - static_cast<std::int64_t>(before_bytes),
      &total_bytes);
}

}  // namespace kleio::addon
