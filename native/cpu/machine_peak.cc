#include "cpu/machine_peak.h"

#include <chrono>
#include <cstring>
#include <memory>
#include <numeric>
#include <thread>
#include <vector>

#include "core/large_buffer.h"

#if defined(__x86_64__)
#include <immintrin.h>
#endif

namespace kleio {
namespace {

using Clock = std::chrono::steady_clock;

// Does some of its work on registers alone and says how many operations that was.
using ArithmeticLoop = double (*)() noexcept;
// Reads `bytes` (a multiple of 256) once.
using ReadLoop = void (*)(const std::byte* begin, std::size_t bytes) noexcept;

#if defined(__x86_64__)

constexpr int kRepeats = 20'000;

// Independent accumulators hide the latency: 4 or 5 cycles, two instructions a cycle.
#define KLEIO_SIX(step) step(0) step(1) step(2) step(3) step(4) step(5)
#define KLEIO_TWELVE(step) KLEIO_SIX(step) step(6) step(7) step(8) step(9) step(10) step(11)
#define KLEIO_CLOBBERS(kind)                                                                \
  kind "0", kind "1", kind "2", kind "3", kind "4", kind "5", kind "6", kind "7", kind "8", \
      kind "9", kind "10", kind "11", kind "12", kind "13"

#define KLEIO_STEP(n) "vpdpbusd %%zmm14, %%zmm15, %%zmm" #n "\n"
__attribute__((target("avx512f,avx512vnni"))) double int8_avx512() noexcept {
  for (int i = 0; i < kRepeats; ++i)
    asm volatile(KLEIO_TWELVE(KLEIO_STEP)::: KLEIO_CLOBBERS("zmm"));
  return kRepeats * 12.0 * 128;
}
#undef KLEIO_STEP

#define KLEIO_STEP(n) "vfmadd231ps %%zmm14, %%zmm15, %%zmm" #n "\n"
__attribute__((target("avx512f"))) double float32_avx512() noexcept {
  asm volatile("vpxord %%zmm14, %%zmm14, %%zmm14\n vpxord %%zmm15, %%zmm15, %%zmm15" ::
                   : "zmm14", "zmm15");
  for (int i = 0; i < kRepeats; ++i)
    asm volatile(KLEIO_TWELVE(KLEIO_STEP)::: KLEIO_CLOBBERS("zmm"));
  return kRepeats * 12.0 * 32;
}
#undef KLEIO_STEP

#define KLEIO_STEP(n) \
  "vpmaddwd %%ymm14, %%ymm15, %%ymm13\n vpaddd %%ymm13, %%ymm" #n ", %%ymm" #n "\n"
__attribute__((target("avx2"))) double int8_avx2() noexcept {
  for (int i = 0; i < kRepeats; ++i)
    asm volatile(KLEIO_TWELVE(KLEIO_STEP)::: KLEIO_CLOBBERS("ymm"));
  return kRepeats * 12.0 * 32;
}
#undef KLEIO_STEP

#define KLEIO_STEP(n) "vfmadd231ps %%ymm14, %%ymm15, %%ymm" #n "\n"
__attribute__((target("avx2,fma"))) double float32_avx2() noexcept {
  asm volatile("vpxor %%ymm14, %%ymm14, %%ymm14\n vpxor %%ymm15, %%ymm15, %%ymm15" ::
                   : "ymm14", "ymm15");
  for (int i = 0; i < kRepeats; ++i)
    asm volatile(KLEIO_TWELVE(KLEIO_STEP)::: KLEIO_CLOBBERS("ymm"));
  return kRepeats * 12.0 * 16;
}
#undef KLEIO_STEP

// Without three operands: a copy for each product.
#define KLEIO_STEP(n) \
  "movdqa %%xmm14, %%xmm13\n pmaddwd %%xmm15, %%xmm13\n paddd %%xmm13, %%xmm" #n "\n"
double int8_sse2() noexcept {
  for (int i = 0; i < kRepeats; ++i)
    asm volatile(KLEIO_TWELVE(KLEIO_STEP)::: KLEIO_CLOBBERS("xmm"));
  return kRepeats * 12.0 * 16;
}
#undef KLEIO_STEP

#define KLEIO_STEP(n) \
  "movaps %%xmm14, %%xmm13\n mulps %%xmm15, %%xmm13\n addps %%xmm13, %%xmm" #n "\n"
double float32_sse2() noexcept {
  asm volatile("pxor %%xmm14, %%xmm14\n pxor %%xmm15, %%xmm15" ::: "xmm14", "xmm15");
  for (int i = 0; i < kRepeats; ++i)
    asm volatile(KLEIO_TWELVE(KLEIO_STEP)::: KLEIO_CLOBBERS("xmm"));
  return kRepeats * 12.0 * 8;
}
#undef KLEIO_STEP

__attribute__((target("avx2"))) void read_avx2(const std::byte* begin, std::size_t bytes) noexcept {
  for (const std::byte* at = begin; at != begin + bytes; at += 256) {
    asm volatile(
        "vmovdqa (%0), %%ymm0\n vmovdqa 32(%0), %%ymm1\n vmovdqa 64(%0), %%ymm2\n"
        "vmovdqa 96(%0), %%ymm3\n vmovdqa 128(%0), %%ymm4\n vmovdqa 160(%0), %%ymm5\n"
        "vmovdqa 192(%0), %%ymm6\n vmovdqa 224(%0), %%ymm7\n" ::"r"(at)
        : "ymm0", "ymm1", "ymm2", "ymm3", "ymm4", "ymm5", "ymm6", "ymm7");
  }
}

#undef KLEIO_SIX
#undef KLEIO_TWELVE
#undef KLEIO_CLOBBERS

ArithmeticLoop arithmetic_loop(Peak peak, Isa isa) noexcept {
  if (peak == Peak::kFloat16) return nullptr;
  const bool int8 = peak == Peak::kInt8;
  if (isa == Isa::kAvx512) return int8 ? int8_avx512 : float32_avx512;
  if (isa == Isa::kAvx2) return int8 ? int8_avx2 : float32_avx2;
  return int8 ? int8_sse2 : float32_sse2;
}
#else
ArithmeticLoop arithmetic_loop(Peak, Isa) noexcept {
  return nullptr;
}
#endif

void read_portable(const std::byte* begin, std::size_t bytes) noexcept {
  std::uint64_t sums[4] = {};
  for (std::size_t at = 0; at != bytes; at += 32) {
    std::uint64_t words[4];
    std::memcpy(words, begin + at, sizeof words);
    for (int lane = 0; lane < 4; ++lane) sums[lane] += words[lane];
  }
  // The compiler must believe that somebody reads the sums.
  asm volatile("" ::"r"(sums) : "memory");
}

ReadLoop read_loop(Isa isa) noexcept {
#if defined(__x86_64__)
  if (isa != Isa::kScalar) return read_avx2;
#endif
  return isa == Isa::kScalar ? read_portable : nullptr;
}

// Runs `step(thread)`, which returns its work, again and again on every thread; the sum of the
// threads' work per second.
template <typename Step>
double rate_of(std::size_t threads, double seconds, const Step& step) {
  std::vector<double> rates(threads);
  const auto run = [&](std::size_t thread) {
    step(thread);
    double work = 0;
    const auto begin = Clock::now();
    std::chrono::duration<double> elapsed{};
    do {
      work += step(thread);
      elapsed = Clock::now() - begin;
    } while (elapsed.count() < seconds);
    rates[thread] = work / elapsed.count();
  };
  {
    std::vector<std::jthread> team;
    for (std::size_t thread = 0; thread < threads; ++thread) team.emplace_back(run, thread);
  }
  return std::accumulate(rates.begin(), rates.end(), 0.0);
}

double measure_reading(const PeakLoop& loop, ReadLoop read) {
  constexpr std::size_t kStride = 256;
  const std::size_t share = loop.bytes / loop.threads / kStride * kStride;
  if (read == nullptr || share == 0) return 0;
  std::vector<LargeBuffer> parts;
  for (std::size_t thread = 0; thread < loop.threads; ++thread) {
    parts.emplace_back(share + kStride);
    std::memset(parts.back().data(), 1, parts.back().size());
  }
  return rate_of(loop.threads, loop.seconds, [&](std::size_t thread) {
    void* begin = parts[thread].data();
    std::size_t room = parts[thread].size();
    std::align(kStride, share, begin, room);
    read(static_cast<const std::byte*>(begin), share);
    return static_cast<double>(share);
  });
}

}  // namespace

double measure_peak(const PeakLoop& loop, Isa isa) {
  if (loop.peak == Peak::kRead) return measure_reading(loop, read_loop(isa));
  const ArithmeticLoop run = arithmetic_loop(loop.peak, isa);
  if (run == nullptr) return 0;
  return rate_of(loop.threads, loop.seconds, [run](std::size_t) { return run(); });
}

}  // namespace kleio
