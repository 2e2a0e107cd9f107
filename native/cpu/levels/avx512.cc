// The level avx512: AVX-512 F, BW, DQ, VL and VNNI.
#include "cpu/levels/levels.h"

#if defined(__x86_64__)
#include <immintrin.h>

#include <algorithm>
#include <cmath>
#include <cstring>

#include "core/ranker_constants.h"
#include "cpu/simd/aligned_buffer.h"
#include "cpu/simd/target.h"

KLEIO_TARGET_BEGIN("avx512f,avx512bw,avx512dq,avx512vl,avx512vnni,fma,bmi2,popcnt")

// The kernels are written over the registers that come first.
// clang-format off
#include "cpu/simd/simd_avx512.h"
#include "cpu/simd/float_kernels_body.h"
#include "cpu/scan/compaction.h"
#include "cpu/scan/scan_avx512.h"
#include "cpu/scan/scan_body.h"
#include "cpu/scan/columns_avx512.h"
#include "cpu/scan/canonical_dots_body.h"
// clang-format on

namespace kleio {
namespace {

constexpr int kRepeats = 20'000;

double int8_operations() noexcept {
  for (int i = 0; i < kRepeats; ++i) {
    asm volatile(
        ".irp n, 0,1,2,3,4,5,6,7,8,9,10,11\n"
        "vpdpbusd %%zmm14, %%zmm15, %%zmm\\n\n"
        ".endr" ::
            : "zmm0", "zmm1", "zmm2", "zmm3", "zmm4", "zmm5", "zmm6", "zmm7", "zmm8", "zmm9",
              "zmm10", "zmm11");
  }
  return kRepeats * 12.0 * 128;
}

double float32_operations() noexcept {
  asm volatile("vpxord %%zmm14, %%zmm14, %%zmm14\n vpxord %%zmm15, %%zmm15, %%zmm15" ::
                   : "zmm14", "zmm15");
  for (int i = 0; i < kRepeats; ++i) {
    asm volatile(
        ".irp n, 0,1,2,3,4,5,6,7,8,9,10,11\n"
        "vfmadd231ps %%zmm14, %%zmm15, %%zmm\\n\n"
        ".endr" ::
            : "zmm0", "zmm1", "zmm2", "zmm3", "zmm4", "zmm5", "zmm6", "zmm7", "zmm8", "zmm9",
              "zmm10", "zmm11");
  }
  return kRepeats * 12.0 * 32;
}

}  // namespace
}  // namespace kleio

KLEIO_TARGET_END

namespace kleio {
namespace {

bool runs_here() noexcept {
  return avx2_level()->runs_here() && __builtin_cpu_supports("avx512f") &&
         __builtin_cpu_supports("avx512bw") && __builtin_cpu_supports("avx512dq") &&
         __builtin_cpu_supports("avx512vl") && __builtin_cpu_supports("avx512vnni");
}

}  // namespace

std::optional<Isa> avx512_level() {
  std::optional<Isa> level = avx2_level();
  level->name = "avx512";
  level->runs_here = runs_here;
  scan_with<Avx512Registers>(level->kernels);
  level->kernels.compact_exact = compact_exact;
  level->kernels.compact_certified = compact_certified;
  level->kernels.canonical_dots = canonical_dots<Avx512Columns>;
  level->floats = kFloatKernels;
  level->peaks.int8 = int8_operations;
  level->peaks.float32 = float32_operations;
  return level;
}

}  // namespace kleio

#else

std::optional<kleio::Isa> kleio::avx512_level() {
  return std::nullopt;
}

#endif
