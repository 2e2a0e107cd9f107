// Waiting for another thread without sleeping, for a moment.
#pragma once

#include <chrono>

namespace kleio {

inline void pause_processor() noexcept {
#if defined(__x86_64__) || defined(__i386__)
  __builtin_ia32_pause();
#elif defined(__aarch64__)
  asm volatile("yield");
#endif
}

// True as soon as `done()` is; false when it stayed false for 50 us: longer than an event loop
// takes from the end of one small search to the next, shorter than would be worth a core's time.
template <typename Predicate>
bool spin_until(const Predicate& done) noexcept {
  constexpr auto kMaxWait = std::chrono::microseconds(50);
  constexpr int kPausesPerClockRead = 16;
  const auto deadline = std::chrono::steady_clock::now() + kMaxWait;
  do {
    for (int pause = 0; pause < kPausesPerClockRead; ++pause) {
      if (done()) return true;
      pause_processor();
    }
  } while (std::chrono::steady_clock::now() < deadline);
  return false;
}

}  // namespace kleio
