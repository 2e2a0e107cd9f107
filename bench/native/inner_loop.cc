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
#include "cpu/machine_peak.h"
#include "cpu/panel.h"

namespace {

constexpr std::size_t kDim = 128;
constexpr std::size_t kTargets = 168;
constexpr std::size_t kPanels = 2;
constexpr int kRounds = 41;

double seconds_now() {
  using Clock = std::chrono::steady_clock;
  return std::chrono::duration<double>(Clock::now().time_since_epoch()).count();
}

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

void measure(const kleio::CpuKernels& kernels, bool last) {
  Scan scan(kernels);
  const kleio::PeakLoop peak = {.peak = kleio::Peak::kInt8, .isa = kernels.isa, .seconds = 0.004};
  std::vector<double> peaks, scans, ratios;
  for (int round = 0; round < kRounds; ++round) {
    peaks.push_back(kleio::measure_peak(peak) / 1e9);
    scans.push_back(giga_operations_a_second([&] { return scan.run(600); }));
    ratios.push_back(scans.back() / peaks.back());
  }
  std::printf("  {\"isa\": \"%s\", \"peakGops\": %.0f, \"scanGops\": %.0f, \"ratio\": %.3f}%s\n",
              kleio::name_of(kernels.isa), median(peaks), median(scans), median(ratios),
              last ? "" : ",");
}

}  // namespace

int main() {
  const auto isas = kleio::supported_isas();
  std::printf("[\n");
  for (const kleio::Isa isa : isas) {
    if (isa != kleio::Isa::kScalar) measure(kleio::kernels_for(isa), isa == isas.back());
  }
  std::printf("]\n");
}
