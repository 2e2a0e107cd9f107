// The level scalar: portable C++, the reference of the other levels.
#include <cstdint>
#include <cstring>

#include "cpu/levels/levels.h"
#include "cpu/scan/compaction.h"
#include "cpu/scan/exact_dots_body.h"
#include "cpu/scan/pack_target.h"
#include "cpu/scan/scan_scalar.h"
// The kernels are written over the `Simd` that comes first.
// clang-format off
#include "cpu/simd/simd_scalar.h"
#include "cpu/simd/float_kernels_body.h"
// clang-format on

namespace kleio {
namespace {

void read(const std::byte* begin, std::size_t bytes) noexcept {
  std::uint64_t sums[4] = {};
  for (std::size_t at = 0; at != bytes; at += 32) {
    std::uint64_t words[4];
    std::memcpy(words, begin + at, sizeof words);
    for (int lane = 0; lane < 4; ++lane) sums[lane] += words[lane];
  }
  // The compiler must believe that somebody reads the sums.
  asm volatile("" ::"r"(sums) : "memory");
}

#if defined(__x86_64__)

constexpr int kRepeats = 20'000;

// SSE2, which every such processor has. Without three operands: a copy for each product.
double int8_operations() noexcept {
  for (int i = 0; i < kRepeats; ++i) {
    asm volatile(
        ".irp n, 0,1,2,3,4,5,6,7,8,9,10,11\n"
        "movdqa %%xmm14, %%xmm13\n pmaddwd %%xmm15, %%xmm13\n paddd %%xmm13, %%xmm\\n\n"
        ".endr" ::
            : "xmm0", "xmm1", "xmm2", "xmm3", "xmm4", "xmm5", "xmm6", "xmm7", "xmm8", "xmm9",
              "xmm10", "xmm11", "xmm13");
  }
  return kRepeats * 12.0 * 16;
}

double float32_operations() noexcept {
  asm volatile("pxor %%xmm14, %%xmm14\n pxor %%xmm15, %%xmm15" ::: "xmm14", "xmm15");
  for (int i = 0; i < kRepeats; ++i) {
    asm volatile(
        ".irp n, 0,1,2,3,4,5,6,7,8,9,10,11\n"
        "movaps %%xmm14, %%xmm13\n mulps %%xmm15, %%xmm13\n addps %%xmm13, %%xmm\\n\n"
        ".endr" ::
            : "xmm0", "xmm1", "xmm2", "xmm3", "xmm4", "xmm5", "xmm6", "xmm7", "xmm8", "xmm9",
              "xmm10", "xmm11", "xmm13");
  }
  return kRepeats * 12.0 * 8;
}

constexpr PeakLoops kPeaks = {.int8 = int8_operations, .float32 = float32_operations, .read = read};

#else

constexpr PeakLoops kPeaks = {.int8 = nullptr, .float32 = nullptr, .read = read};

#endif

}  // namespace

std::optional<Isa> scalar_level() {
  return Isa{
      .name = "scalar",
      .runs_here = []() noexcept { return true; },
      .kernels =
          {
              .target_group_bytes = kGroupDims,
              .pack_target = pack_bytes,
              .scan_exact = scan<false>,
              .scan_certified = scan<true>,
              .compact_exact = compact_exact,
              .compact_certified = compact_certified,
              .canonical_dots = canonical_dots,
              .exact_dots = exact_dots,
          },
      .floats = kFloatKernels,
      .peaks = kPeaks,
  };
}

}  // namespace kleio
