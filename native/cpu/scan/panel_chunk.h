// Storage of up to 1024 slots of a history: whole panels, or a part of one.
//
// A history of a few items has a chunk of fewer rows than a panel, which lie closer: its rows are a
// panel's once they are copied to one. Codes are written panel by panel, so that those behind the
// last take nothing (core/block_memory.h).
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
  static constexpr std::size_t kMinRows = 4;

  // `rows`: a power of two from kMinRows, or whole panels. Its rows are hidden, its codes
  // unwritten.
  PanelChunk(std::size_t rows, std::size_t dim, bool exact)
      : rows_(rows),
        groups_(groups_of(dim)),
        exact_(exact),
        memory_(offset_of_codes() + rows * groups_ * kGroupDims),
        maxima_(exact ? 0 : 3 * panels()),
        norm_sq(reinterpret_cast<double*>(memory_.data())),
        cosine_scale(reinterpret_cast<float*>(norm_sq + rows)),
        dot_scale(cosine_scale + rows),
        codes(reinterpret_cast<std::uint8_t*>(memory_.data() + offset_of_codes())) {
    std::fill_n(norm_sq, rows, 0.0);
    std::fill_n(cosine_scale, 2 * rows, kHiddenScale);
    if (exact) return;
    cosine_residual = dot_scale + rows;
    dot_residual = cosine_residual + rows;
    norm = dot_residual + rows;
    std::fill_n(cosine_residual, 3 * rows, 0.0f);
    cosine_residual_max = maxima_.data();
    dot_residual_max = cosine_residual_max + panels();
    norm_max = dot_residual_max + panels();
    std::fill_n(maxima_.data(), maxima_.size(), 0.0f);
  }
  PanelChunk(const PanelChunk&) = delete;
  PanelChunk& operator=(const PanelChunk&) = delete;

  // Codes of the first `count` panels are there. Byte 128 is code 0: the padding of the dimensions,
  // and rows not yet assigned.
  void prepare(std::size_t count) noexcept {
    if (count <= prepared_) return;
    std::memset(codes + prepared_ * panel_codes(), 128, (count - prepared_) * panel_codes());
    prepared_ = count;
  }

  // The codes of the next panel, as whole panels have them.
  void add_panel(const std::uint8_t* from) noexcept {
    std::uint8_t* const to = codes + prepared_ * panel_codes();
    if (stride() == kPanelRows) {
      std::memcpy(to, from, panel_codes());
    } else {
      const std::size_t group_codes = stride() * kGroupDims;
      for (std::size_t group = 0; group < groups_; ++group) {
        std::memcpy(to + group * group_codes, from + group * kPanelRows * kGroupDims, group_codes);
      }
    }
    ++prepared_;
  }

  // Into the first rows of this one, which is no smaller; what lies behind them in a panel may have
  // any code.
  void copy_from(const PanelChunk& other) noexcept {
    std::copy_n(other.norm_sq, other.rows_, norm_sq);
    std::copy_n(other.cosine_scale, other.rows_, cosine_scale);
    std::copy_n(other.dot_scale, other.rows_, dot_scale);
    if (!exact_) {
      std::copy_n(other.cosine_residual, other.rows_, cosine_residual);
      std::copy_n(other.dot_residual, other.rows_, dot_residual);
      std::copy_n(other.norm, other.rows_, norm);
      std::copy_n(other.cosine_residual_max, other.panels(), cosine_residual_max);
      std::copy_n(other.dot_residual_max, other.panels(), dot_residual_max);
      std::copy_n(other.norm_max, other.panels(), norm_max);
    }
    prepared_ = std::max(prepared_, other.prepared_);
    other.copy_codes_to(codes, stride());
  }

  // The same codes with `to_stride` rows from one group of dimensions to the next.
  void copy_codes_to(std::uint8_t* to, std::size_t to_stride) const noexcept {
    switch (stride() == to_stride ? 0 : rows_) {
      case 4:
        return spread<4>(to, to_stride);
      case 8:
        return spread<8>(to, to_stride);
      case 16:
        return spread<16>(to, to_stride);
      case 32:
        return spread<32>(to, to_stride);
      default:
        std::memcpy(to, codes, prepared_ * panel_codes());
    }
  }

  std::size_t rows() const noexcept { return rows_; }
  std::size_t panels() const noexcept { return (rows_ + kPanelRows - 1) / kPanelRows; }
  std::size_t prepared_rows() const noexcept { return prepared_ * stride(); }
  // Rows from one group of dimensions to the next.
  std::size_t stride() const noexcept { return std::min(rows_, kPanelRows); }
  std::size_t byte_size() const noexcept {
    const std::size_t whole = memory_.size();
    const std::size_t written =
        whole <= kPageBytes ? whole : offset_of_codes() + prepared_ * panel_codes();
    return block_bytes(written) + maxima_.byte_size();
  }

 private:
  // A copy of constant size is a few instructions, and there are many.
  template <std::size_t kRows>
  void spread(std::uint8_t* to, std::size_t to_stride) const noexcept {
    const std::uint8_t* from = codes;
    const std::size_t step = to_stride * kGroupDims;
    for (std::size_t group = 0; group < groups_; ++group, to += step) {
      std::memcpy(to, from, kRows * kGroupDims);
      from += kRows * kGroupDims;
    }
  }

  std::size_t panel_codes() const noexcept { return stride() * groups_ * kGroupDims; }
  std::size_t offset_of_codes() const noexcept {
    const std::size_t row_bytes = sizeof(double) + (exact_ ? 2 : 5) * sizeof(float);
    return (rows_ * row_bytes + kCacheLine - 1) / kCacheLine * kCacheLine;
  }

  std::size_t rows_;
  std::size_t groups_;
  bool exact_;
  std::size_t prepared_ = 0;         // panels
  AlignedBuffer<std::byte> memory_;  // whole pages for a whole chunk, codes last
  AlignedBuffer<float> maxima_;

 public:
  double* norm_sq;  // per row, as the next five; 64-byte aligned in whole panels
  float* cosine_scale;
  float* dot_scale;
  float* cosine_residual = nullptr;  // floats only, as the next five
  float* dot_residual = nullptr;
  float* norm = nullptr;                 // rounded up
  float* cosine_residual_max = nullptr;  // per panel
  float* dot_residual_max = nullptr;
  float* norm_max = nullptr;
  std::uint8_t* codes;
};

}  // namespace kleio
