// How near the scan kernels come to the core's multiply-add peak, both measured in turn on one
// core.
//
// The peak is a loop of independent multiply-adds on registers alone. The scan is the product's own
// kernel over panels that lie in L1, with thresholds that nothing reaches: dots, scaling,
// comparison.
#include <algorithm>
#include <chrono>
#include <cstdio>
#include <vector>

#include "cpu/levels/isa.h"
#include "scan_fixture.h"

namespace {

constexpr int kRounds = 41;

double seconds_now() {
  using Clock = std::chrono::steady_clock;
  return std::chrono::duration<double>(Clock::now().time_since_epoch()).count();
}

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

void measure(const kleio::Isa& isa, bool last) {
  kleio::Scan scan(isa.kernels);
  const kleio::PeakLoop peak = {.peak = kleio::Peak::kInt8, .seconds = 0.004};
  std::vector<double> peaks, scans, ratios;
  for (int round = 0; round < kRounds; ++round) {
    peaks.push_back(kleio::measure_peak(peak, isa.peaks) / 1e9);
    scans.push_back(
        giga_operations_a_second([&] { return scan.run(isa.kernels.scan_exact, 600); }));
    ratios.push_back(scans.back() / peaks.back());
  }
  std::printf("  {\"isa\": \"%s\", \"peakGops\": %.0f, \"scanGops\": %.0f, \"ratio\": %.3f}%s\n",
              isa.name, median(peaks), median(scans), median(ratios), last ? "" : ",");
}

}  // namespace

int main() {
  // The lowest is portable code, which is nowhere near a peak.
  const auto isas = kleio::supported_isas();
  std::printf("[\n");
  for (std::size_t i = 1; i < isas.size(); ++i) measure(*isas[i], i + 1 == isas.size());
  std::printf("]\n");
}
