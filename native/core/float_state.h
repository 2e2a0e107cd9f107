// The floating-point state of a thread that every result is defined in: round to nearest, subnormal
// numbers kept, no exception trapped.
//
// The state belongs to the thread, and whatever else runs on it may have changed it: start-up code
// of a library built with -ffast-math flushes subnormal numbers to zero, and threads inherit the
// state of the one that starts them. So each way into native code, and each thread of ours, begins
// with a StandardFloatState.
#pragma once

#include <cstdint>

namespace kleio {

// What this thread's state is, in the processor's own words.
struct FloatState {
  std::uint64_t vector = 0;  // MXCSR; FPCR and FPSR
  std::uint64_t stack = 0;   // the x87 control word

  static FloatState now() noexcept;
  bool is_standard() const noexcept;  // whatever exceptions were noted so far
  bool operator==(const FloatState&) const = default;
};

// The standard state for as long as it lives; afterwards the thread's own again, bit for bit.
class StandardFloatState {
 public:
  StandardFloatState() noexcept;
  ~StandardFloatState();
  // The thread's own.
  const FloatState& before() const noexcept { return before_; }
  // The standard state is the thread's own from now on.
  void stay() noexcept { before_ = FloatState::now(); }

  StandardFloatState(const StandardFloatState&) = delete;
  StandardFloatState& operator=(const StandardFloatState&) = delete;

 private:
  FloatState before_;
};

}  // namespace kleio
