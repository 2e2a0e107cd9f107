#include "core/float_state.h"

namespace kleio {
namespace {

#if defined(__x86_64__)

constexpr std::uint32_t kVectorStandard = 0x1f80;  // all exceptions masked, nothing else
constexpr std::uint32_t kVectorNoted = 0x3f;       // exceptions that have occurred
constexpr std::uint16_t kStackStandard = 0x037f;   // the same, at extended precision

void set(const FloatState& state) noexcept {
  const auto stack = static_cast<std::uint16_t>(state.stack);
  if (FloatState::now().stack != stack) __asm__ volatile("fldcw %0" : : "m"(stack));
  const auto vector = static_cast<std::uint32_t>(state.vector);
  __asm__ volatile("ldmxcsr %0" : : "m"(vector));
}

constexpr FloatState standard() noexcept {
  return {kVectorStandard, kStackStandard};
}

#elif defined(__aarch64__)

constexpr std::uint64_t kControl = 0xffffffff;  // FPCR in the lower half, FPSR in the upper

void set(const FloatState& state) noexcept {
  const std::uint64_t control = state.vector & kControl;
  const std::uint64_t status = state.vector >> 32;
  __asm__ volatile("msr fpcr, %0\n\tmsr fpsr, %1" : : "r"(control), "r"(status));
}

constexpr FloatState standard() noexcept {
  return {};
}

#else
#error "say here what the floating-point state of this processor is"
#endif

}  // namespace

#if defined(__x86_64__)

FloatState FloatState::now() noexcept {
  std::uint16_t stack;
  std::uint32_t vector;
  __asm__ volatile("fnstcw %0\n\tstmxcsr %1" : "=m"(stack), "=m"(vector));
  return {vector, stack};
}

bool FloatState::is_standard() const noexcept {
  return (vector & ~std::uint64_t{kVectorNoted}) == kVectorStandard && stack == kStackStandard;
}

#else

FloatState FloatState::now() noexcept {
  std::uint64_t control, status;
  __asm__ volatile("mrs %0, fpcr\n\tmrs %1, fpsr" : "=r"(control), "=r"(status));
  return {(control & kControl) | status << 32, 0};
}

bool FloatState::is_standard() const noexcept {
  return (vector & kControl) == 0;
}

#endif

// Writing the state waits for everything before it, reading it does not: what is right already is
// left alone.
StandardFloatState::StandardFloatState() noexcept : before_(FloatState::now()) {
  if (!before_.is_standard()) set(standard());
}

StandardFloatState::~StandardFloatState() {
  if (FloatState::now() != before_) set(before_);
}

}  // namespace kleio
