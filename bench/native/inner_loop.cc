// How near the scan kernels come to the core's multiply-add peak, both measured in turn on one
// core.
//
// The peak is a loop of independent multiply-adds on registers alone. The scan is the product's own
// kernel over panels that lie in L1, with thresholds that nothing reaches: dots, scaling,
// comparison.
#include <algorithm>
#include <chrono>
#include <cstdint>
#include <cstdio>
#include <limits>
#include <vector>

#include "cpu/aligned_buffer.h"
#include "cpu/kernels.h"
#include "cpu/panel.h"

#if defined(__x86_64__)
#include <immintrin.h>
#endif

namespace {

constexpr std::size_t kDim = 128;
constexpr std::size_t kTargets = 168;
constexpr std::size_t kPanels = 2;
constexpr int kRounds = 41;

double seconds_now() {
  using Clock = std::chrono::steady_clock;
  return std::chrono::duration<double>(Clock::now().time_since_epoch()).count();
}

#if defined(__x86_64__)
// Operations (two a multiply-add) of `iterations` loops of 16 independent instructions.
__attribute__((target("avx512f,avx512vnni"))) double run_peak_avx512(long iterations) {
  for (long i = 0; i < iterations; ++i) {
    asm volatile(
        "vpdpbusd %%zmm30, %%zmm31, %%zmm0\n vpdpbusd %%zmm30, %%zmm31, %%zmm1\n"
        "vpdpbusd %%zmm30, %%zmm31, %%zmm2\n vpdpbusd %%zmm30, %%zmm31, %%zmm3\n"
        "vpdpbusd %%zmm30, %%zmm31, %%zmm4\n vpdpbusd %%zmm30, %%zmm31, %%zmm5\n"
        "vpdpbusd %%zmm30, %%zmm31, %%zmm6\n vpdpbusd %%zmm30, %%zmm31, %%zmm7\n"
        "vpdpbusd %%zmm30, %%zmm31, %%zmm8\n vpdpbusd %%zmm30, %%zmm31, %%zmm9\n"
        "vpdpbusd %%zmm30, %%zmm31, %%zmm10\n vpdpbusd %%zmm30, %%zmm31, %%zmm11\n"
        "vpdpbusd %%zmm30, %%zmm31, %%zmm12\n vpdpbusd %%zmm30, %%zmm31, %%zmm13\n"
        "vpdpbusd %%zmm30, %%zmm31, %%zmm14\n vpdpbusd %%zmm30, %%zmm31, %%zmm15\n" ::
            : "zmm0", "zmm1", "zmm2", "zmm3", "zmm4", "zmm5", "zmm6", "zmm7", "zmm8", "zmm9",
              "zmm10", "zmm11", "zmm12", "zmm13", "zmm14", "zmm15");
  }
  return static_cast<double>(iterations) * 16 * 128;
}

// AVX2 has no int8 dot: its exact kernel's unit is VPMADDWD and VPADDD, 16 multiply-adds a pair.
__attribute__((target("avx2"))) double run_peak_avx2(long iterations) {
  for (long i = 0; i < iterations; ++i) {
    asm volatile(
        "vpmaddwd %%ymm14, %%ymm15, %%ymm8\n vpaddd %%ymm8, %%ymm0, %%ymm0\n"
        "vpmaddwd %%ymm14, %%ymm15, %%ymm9\n vpaddd %%ymm9, %%ymm1, %%ymm1\n"
        "vpmaddwd %%ymm14, %%ymm15, %%ymm10\n vpaddd %%ymm10, %%ymm2, %%ymm2\n"
        "vpmaddwd %%ymm14, %%ymm15, %%ymm11\n vpaddd %%ymm11, %%ymm3, %%ymm3\n"
        "vpmaddwd %%ymm14, %%ymm15, %%ymm12\n vpaddd %%ymm12, %%ymm4, %%ymm4\n"
        "vpmaddwd %%ymm14, %%ymm15, %%ymm13\n vpaddd %%ymm13, %%ymm5, %%ymm5\n" ::
            : "ymm0", "ymm1", "ymm2", "ymm3", "ymm4", "ymm5", "ymm8", "ymm9", "ymm10", "ymm11",
              "ymm12", "ymm13");
  }
  return static_cast<double>(iterations) * 6 * 32;
}
#endif

// The product's kernel, with inputs that never produce a candidate.
class Scan {
 public:
  explicit Scan(const kleio::CpuKernels& kernels)
      : kernels_(kernels),
        codes_(kPanels * kleio::panel_bytes(kDim)),
        scale_(kleio::kPanelRows),
        stride_(kleio::groups_of(kDim) * kernels.target_group_bytes),
        packed_(kTargets * stride_),
        bias_(kTargets),
        thresholds_(kTargets, std::numeric_limits<float>::infinity()),
        counts_(kTargets) {
    std::uint32_t state = 1;
    const auto next = [&state] {
      return static_cast<std::int8_t>((state = state * 1664525u + 1013904223u) >> 24);
    };
    for (std::size_t i = 0; i < codes_.size(); ++i) codes_[i] = static_cast<std::uint8_t>(next());
    std::fill_n(scale_.data(), scale_.size(), 1.0f);
    std::vector<std::int8_t> target(kDim);
    for (std::size_t t = 0; t < kTargets; ++t) {
      for (std::int8_t& code : target) code = next();
      kernels.pack_target(target, packed_.data() + t * stride_);
    }
    candidates_.thresholds = thresholds_.data();
    candidates_.counts = counts_.data();
  }

  double run(long iterations) {
    const kleio::TargetTile targets = {.codes = packed_.data(),
                                       .stride_bytes = stride_,
                                       .bias = bias_.data(),
                                       .count = kTargets,
                                       .groups = kleio::groups_of(kDim)};
    for (long i = 0; i < iterations; ++i) {
      kleio::Panel panel;
      panel.codes =
          codes_.data() + static_cast<std::size_t>(i) % kPanels * kleio::panel_bytes(kDim);
      panel.next_codes = codes_.data();
      panel.scale = scale_.data();
      kernels_.scan_exact(panel, targets, candidates_);
    }
    return static_cast<double>(iterations) * kTargets * kleio::kPanelRows * kDim * 2;
  }

 private:
  const kleio::CpuKernels& kernels_;
  kleio::AlignedBuffer<std::uint8_t> codes_;
  kleio::AlignedBuffer<float> scale_;
  std::size_t stride_;
  std::vector<std::byte> packed_;
  std::vector<std::int32_t> bias_;
  std::vector<float> thresholds_;
  std::vector<std::uint32_t> counts_;
  kleio::CandidateTile candidates_;
};

template <typename Run>
double giga_operations_a_second(Run&& run) {
  const double begin = seconds_now();
  const double operations = run();
  return operations / (seconds_now() - begin) / 1e9;
}

double median(std::vector<double> values) {
  std::nth_element(values.begin(), values.begin() + static_cast<std::ptrdiff_t>(values.size() / 2),
                   values.end());
  return values[values.size() / 2];
}

void measure(const char* isa, const kleio::CpuKernels& kernels, double (*run_peak)(long),
             bool last) {
  Scan scan(kernels);
  std::vector<double> peaks, scans, ratios;
  for (int round = 0; round < kRounds; ++round) {
    peaks.push_back(giga_operations_a_second([&] { return run_peak(2'000'000); }));
    scans.push_back(giga_operations_a_second([&] { return scan.run(600); }));
    ratios.push_back(scans.back() / peaks.back());
  }
  std::printf("  {\"isa\": \"%s\", \"peakGops\": %.0f, \"scanGops\": %.0f, \"ratio\": %.3f}%s\n",
              isa, median(peaks), median(scans), median(ratios), last ? "" : ",");
}

}  // namespace

int main() {
  std::printf("[\n");
#if defined(__x86_64__)
  const auto isas = kleio::supported_isas();
  const bool avx512 = isas.back() == kleio::Isa::kAvx512;
  if (avx512) measure("avx512", kleio::kAvx512Kernels, run_peak_avx512, false);
  if (isas.size() > 1) measure("avx2", kleio::kAvx2Kernels, run_peak_avx2, true);
#endif
  std::printf("]\n");
}
