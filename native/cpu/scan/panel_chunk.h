// Storage of up to 1024 slots of a history, in whole panels.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <limits>

#include "cpu/scan/panel.h"
#include "cpu/simd/aligned_buffer.h"

namespace kleio {

inline constexpr std::size_t kChunkPanels = 16;
inline constexpr std::size_t kChunkRows = kChunkPanels * kPanelRows;

// The scale of a row that no scan may find: no comparison with NaN is true.
inline constexpr float kHiddenScale = std::numeric_limits<float>::quiet_NaN();

class PanelChunk {
 public:
  PanelChunk(std::size_t panels, std::size_t dim, bool exact)
      : panels_(panels),
        codes(panels * panel_bytes(dim)),
        cosine_scale(panels * kPanelRows),
        dot_scale(panels * kPanelRows),
        norm_sq(panels * kPanelRows) {
    // Byte 128 is code 0: the padding of the dimensions, and rows not yet assigned.
    std::memset(codes.data(), 128, codes.size());
    std::fill_n(cosine_scale.data(), cosine_scale.size(), kHiddenScale);
    std::fill_n(dot_scale.data(), dot_scale.size(), kHiddenScale);
    std::fill_n(norm_sq.data(), norm_sq.size(), 0.0);
    if (exact) return;
    for (AlignedBuffer<float>* buffer : {&cosine_residual, &dot_residual, &norm}) {
      *buffer = AlignedBuffer<float>(panels * kPanelRows);
      std::fill_n(buffer->data(), buffer->size(), 0.0f);
    }
    for (AlignedBuffer<float>* buffer : {&cosine_residual_max, &dot_residual_max, &norm_max}) {
      *buffer = AlignedBuffer<float>(panels);
      std::fill_n(buffer->data(), buffer->size(), 0.0f);
    }
  }

  void copy_from(const PanelChunk& other) noexcept {
    copy(codes, other.codes);
    copy(cosine_scale, other.cosine_scale);
    copy(dot_scale, other.dot_scale);
    copy(norm_sq, other.norm_sq);
    copy(cosine_residual, other.cosine_residual);
    copy(dot_residual, other.dot_residual);
    copy(norm, other.norm);
    copy(cosine_residual_max, other.cosine_residual_max);
    copy(dot_residual_max, other.dot_residual_max);
    copy(norm_max, other.norm_max);
  }

  std::size_t panels() const noexcept { return panels_; }
  std::size_t byte_size() const noexcept {
    return codes.size() + norm_sq.size() * sizeof(double) +
           sizeof(float) * (cosine_scale.size() + dot_scale.size() + cosine_residual.size() +
                            dot_residual.size() + norm.size() + cosine_residual_max.size() +
                            dot_residual_max.size() + norm_max.size());
  }

 private:
  template <typename Value>
  static void copy(AlignedBuffer<Value>& to, const AlignedBuffer<Value>& from) noexcept {
    std::copy_n(from.data(), from.size(), to.data());
  }

  std::size_t panels_;

 public:
  AlignedBuffer<std::uint8_t> codes;
  AlignedBuffer<float> cosine_scale;  // per row, as the next five
  AlignedBuffer<float> dot_scale;
  AlignedBuffer<double> norm_sq;
  AlignedBuffer<float> cosine_residual;  // floats only, as all below
  AlignedBuffer<float> dot_residual;
  AlignedBuffer<float> norm;                 // rounded up
  AlignedBuffer<float> cosine_residual_max;  // per panel
  AlignedBuffer<float> dot_residual_max;
  AlignedBuffer<float> norm_max;
};

}  // namespace kleio
