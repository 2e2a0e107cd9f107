// The product's scan kernels over panels that lie in L1, with thresholds that nothing reaches:
// dots, scaling and comparison alone.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <vector>

#include "cpu/scan/panel.h"
#include "cpu/scan/scan_kernels.h"
#include "cpu/simd/aligned_buffer.h"

namespace kleio {

class Scan {
 public:
  using Kernel = void (*)(const Panel& panel, const TargetTile& targets, CandidateTile& candidates);

  explicit Scan(const CpuKernels& kernels, std::size_t targets = 168)
      : target_count_(targets),
        codes_(kPanels * panel_bytes(kDim)),
        scale_(kPanelRows),
        bounds_(kPanelRows),
        stride_(groups_of(kDim) * kernels.target_group_bytes),
        packed_(targets * stride_),
        bias_(targets),
        slack_(targets),
        thresholds_(targets, std::numeric_limits<float>::infinity()),
        counts_(targets) {
    std::uint32_t state = 1;
    const auto next = [&state] {
      return static_cast<std::int8_t>((state = state * 1664525u + 1013904223u) >> 24);
    };
    for (std::size_t i = 0; i < codes_.size(); ++i) codes_[i] = static_cast<std::uint8_t>(next());
    std::fill_n(scale_.data(), scale_.size(), 1.0f);
    std::fill_n(bounds_.data(), bounds_.size(), 0.0f);
    std::vector<std::int8_t> target(kDim);
    for (std::size_t t = 0; t < targets; ++t) {
      for (std::int8_t& code : target) code = next();
      kernels.pack_target(target, packed_.data() + t * stride_);
    }
    candidates_.thresholds = thresholds_.data();
    candidates_.counts = counts_.data();
  }

  // Scans so many panels; returns the operations, two a multiply-add.
  double run(Kernel scan, long panels) {
    const TargetTile targets = {.codes = packed_.data(),
                                .stride_bytes = stride_,
                                .bias = bias_.data(),
                                .slack = slack_.data(),
                                .margin = slack_.data(),
                                .count = target_count_,
                                .groups = groups_of(kDim)};
    for (long i = 0; i < panels; ++i) {
      Panel panel;
      panel.codes = codes_.data() + static_cast<std::size_t>(i) % kPanels * panel_bytes(kDim);
      panel.next_codes = codes_.data();
      panel.scale = scale_.data();
      panel.residual = bounds_.data();
      panel.weight = bounds_.data();
      scan(panel, targets, candidates_);
    }
    return static_cast<double>(panels) * static_cast<double>(target_count_ * kPanelRows * kDim * 2);
  }

 private:
  static constexpr std::size_t kDim = 128;
  static constexpr std::size_t kPanels = 2;

  std::size_t target_count_;
  AlignedBuffer<std::uint8_t> codes_;
  AlignedBuffer<float> scale_;
  AlignedBuffer<float> bounds_;
  std::size_t stride_;
  std::vector<std::byte> packed_;
  std::vector<std::int32_t> bias_;
  std::vector<float> slack_;
  std::vector<float> thresholds_;
  std::vector<std::uint32_t> counts_;
  CandidateTile candidates_;
};

}  // namespace kleio
