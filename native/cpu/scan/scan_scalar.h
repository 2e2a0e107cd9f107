// GSU scan of one panel, portable C++: the reference that every other level must equal, and
// therefore nothing of scan_body.h, which the others share.
//
// Formula   estimate[t][r] = float(bias[t] + sum_d code[r][d] * target[t][d]) * scale[r];
//           row r becomes a candidate of target t if the estimate, plus the certified error where
//           codes are not exact, reaches t's threshold.
// Shapes    a panel of 64 rows (cpu/scan/panel.h), targets as int8 rows padded to groups of four.
// Exactness the dot is exact in int32 (dim <= 4096); the estimate has three float32 roundings.
// NaN, ties a NaN scale fails every comparison; equal to the threshold is kept.
// Cost      64 * dim multiply-adds a target.
#pragma once

#include <cstddef>
#include <cstdint>

#include "cpu/scan/collect.h"
#include "cpu/scan/scan_kernels.h"

namespace kleio {
namespace {

std::int32_t code_dot(const Panel& panel, const std::int8_t* target, std::int32_t bias,
                      std::size_t row, std::size_t groups) noexcept {
  std::int32_t dot = bias;
  for (std::size_t group = 0; group < groups; ++group) {
    const std::uint8_t* codes = panel.codes + (group * kPanelRows + row) * kGroupDims;
    for (std::size_t d = 0; d < kGroupDims; ++d) dot += codes[d] * target[group * kGroupDims + d];
  }
  return dot;
}

template <bool kCertified>
void scan(const Panel& panel, const TargetTile& targets, CandidateTile& candidates) {
  require_scannable<kCertified>(panel, targets, kGroupDims);
  std::int32_t dots[kPanelRows];
  for (std::size_t t = 0; t < targets.count; ++t) {
    const auto* target =
        reinterpret_cast<const std::int8_t*>(targets.codes + t * targets.stride_bytes);
    const float bound = panel_bound<kCertified>(panel, targets, candidates, t);
    std::uint64_t hits = 0;
    for (std::size_t r = 0; r < kPanelRows; ++r) {
      dots[r] = code_dot(panel, target, targets.bias[t], r, targets.groups);
      const bool reached = static_cast<float>(dots[r]) * panel.scale[r] >= bound;
      hits |= std::uint64_t{reached} << r;
    }
    if (hits != 0) collect_rows<kCertified>(panel, targets, candidates, t, dots, hits);
  }
}

void canonical_dots(const double* target, const float* const* rows, std::size_t count,
                    std::size_t dim, double* dots) noexcept {
  for (std::size_t i = 0; i < count; ++i) {
    double sum = 0;
    for (std::size_t d = 0; d < dim; ++d) sum += target[d] * static_cast<double>(rows[i][d]);
    dots[i] = sum;
  }
}

}  // namespace
}  // namespace kleio
