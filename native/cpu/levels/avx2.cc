// The level avx2: AVX2 and FMA.
#include "cpu/levels/levels.h"

#if defined(__x86_64__)
#include <immintrin.h>

#include <algorithm>
#include <cmath>
#include <cstring>

#include "core/ranker_constants.h"
#include "cpu/simd/aligned_buffer.h"
#include "cpu/simd/target.h"

KLEIO_TARGET_BEGIN("avx2,fma,bmi2,popcnt")

// The kernels are written over the registers that come first.
// clang-format off
#include "cpu/simd/simd_avx2.h"
#include "cpu/simd/float_kernels_body.h"
#include "cpu/scan/compaction.h"
#include "cpu/scan/scan_avx2.h"
#include "cpu/scan/scan_body.h"
#include "cpu/scan/columns_avx2.h"
#include "cpu/scan/canonical_dots_body.h"
#include "cpu/scan/exact_dots_body.h"
// clang-format on

namespace kleio {
namespace {

constexpr int kRepeats = 20'000;

// VPMADDWD on split bytes: what the scan multiplies with.
double int8_operations() noexcept {
  for (int i = 0; i < kRepeats; ++i) {
    asm volatile(
        ".irp n, 0,1,2,3,4,5,6,7,8,9,10,11\n"
        "vpmaddwd %%ymm14, %%ymm15, %%ymm13\n vpaddd %%ymm13, %%ymm\\n, %%ymm\\n\n"
        ".endr" ::
            : "ymm0", "ymm1", "ymm2", "ymm3", "ymm4", "ymm5", "ymm6", "ymm7", "ymm8", "ymm9",
              "ymm10", "ymm11", "ymm13");
  }
  return kRepeats * 12.0 * 32;
}

double float32_operations() noexcept {
  asm volatile("vpxor %%ymm14, %%ymm14, %%ymm14\n vpxor %%ymm15, %%ymm15, %%ymm15" ::
                   : "ymm14", "ymm15");
  for (int i = 0; i < kRepeats; ++i) {
    asm volatile(
        ".irp n, 0,1,2,3,4,5,6,7,8,9,10,11\n"
        "vfmadd231ps %%ymm14, %%ymm15, %%ymm\\n\n"
        ".endr" ::
            : "ymm0", "ymm1", "ymm2", "ymm3", "ymm4", "ymm5", "ymm6", "ymm7", "ymm8", "ymm9",
              "ymm10", "ymm11");
  }
  return kRepeats * 12.0 * 16;
}

void read(const std::byte* begin, std::size_t bytes) noexcept {
  for (const std::byte* at = begin; at != begin + bytes; at += 256) {
    asm volatile(
        "vmovdqa (%0), %%ymm0\n vmovdqa 32(%0), %%ymm1\n vmovdqa 64(%0), %%ymm2\n"
        "vmovdqa 96(%0), %%ymm3\n vmovdqa 128(%0), %%ymm4\n vmovdqa 160(%0), %%ymm5\n"
        "vmovdqa 192(%0), %%ymm6\n vmovdqa 224(%0), %%ymm7\n" ::"r"(at)
        : "ymm0", "ymm1", "ymm2", "ymm3", "ymm4", "ymm5", "ymm6", "ymm7");
  }
}

}  // namespace
}  // namespace kleio

KLEIO_TARGET_END

namespace kleio {
namespace {

// The builtins read CPUID and, through XGETBV, whether the system saves the registers.
bool runs_here() noexcept {
  __builtin_cpu_init();
  return __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma") &&
         __builtin_cpu_supports("bmi2") && __builtin_cpu_supports("popcnt");
}

}  // namespace

std::optional<Isa> avx2_level() {
  std::optional<Isa> level = scalar_level();
  level->name = "avx2";
  level->runs_here = runs_here;
  scan_with<Avx2Registers>(level->kernels);
  level->kernels.compact_exact = compact_exact;
  level->kernels.compact_certified = compact_certified;
  level->kernels.canonical_dots = canonical_dots<Avx2Columns>;
  level->kernels.exact_dots = exact_dots;
  level->floats = kFloatKernels;
  level->peaks = {.int8 = int8_operations, .float32 = float32_operations, .read = read};
  return level;
}

}  // namespace kleio

#else

std::optional<kleio::Isa> kleio::avx2_level() {
  return std::nullopt;
}

#endif
