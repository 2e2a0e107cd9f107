// Storage of up to 1024 slots of a history: whole panels, or a part of one.
//
// A history of a few items has a chunk of fewer rows than a panel, which lie closer: its rows are a
// panel's once they are copied to one. What it says of its rows are arrays one after the other,
// found by their number: very many histories have a chunk of a few rows. Codes are written panel by
// panel, so that those behind the last take nothing (core/block_memory.h).
#pragma once

#include <algorithm>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <limits>
#include <span>

#include "cpu/scan/panel.h"
#include "cpu/simd/aligned_buffer.h"

namespace kleio {

inline constexpr std::size_t kChunkPanels = 16;
inline constexpr std::size_t kChunkRows = kChunkPanels * kPanelRows;

// The scale of a row that no scan may find: no comparison with NaN is true.
inline constexpr float kHiddenScale = std::numeric_limits<float>::quiet_NaN();

class PanelChunk {
 public:
  // Of a part of a panel the rows come by fours, and by eights from half of one.
  static constexpr std::size_t kRowStep = 4;

  // `rows`: a multiple of kRowStep, or whole panels. Its rows are hidden, its codes unwritten.
  PanelChunk(std::size_t rows, std::size_t dim, bool exact)
      : PanelChunk(Unwritten{}, rows, dim, exact) {
    std::fill_n(norm_sq(), rows, 0.0);
    std::fill_n(cosine_scale(), 2 * rows, kHiddenScale);
    if (!exact) std::fill_n(cosine_residual(), 3 * rows, 0.0f);
  }
  // A whole one, for somebody who fills `bytes`.
  PanelChunk(std::size_t dim, bool exact) : PanelChunk(Unwritten{}, kChunkRows, dim, exact) {
    prepared_ = kChunkPanels;
  }
  PanelChunk(const PanelChunk&) = delete;
  PanelChunk& operator=(const PanelChunk&) = delete;

  // Rows of the first chunk that is to hold `needed`.
  static std::size_t rows_for(std::size_t needed) noexcept {
    if (needed > kPanelRows) return std::bit_ceil(needed);
    const std::size_t step = needed > kPanelRows / 2 ? 2 * kRowStep : kRowStep;
    return (needed + step - 1) / step * step;
  }

  // Codes of the first `count` panels are there. Byte 128 is code 0: the padding of the dimensions,
  // and rows not yet assigned.
  void prepare(std::size_t count) noexcept {
    if (count <= prepared_) return;
    std::memset(codes + prepared_ * panel_codes(), 128, (count - prepared_) * panel_codes());
    prepared_ = static_cast<std::uint8_t>(count);
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
  void copy_from(PanelChunk& other) noexcept {
    const std::size_t rows = other.rows_;
    std::copy_n(other.norm_sq(), rows, norm_sq());
    std::copy_n(other.cosine_scale(), rows, cosine_scale());
    std::copy_n(other.dot_scale(), rows, dot_scale());
    if (!exact_) {
      std::copy_n(other.cosine_residual(), rows, cosine_residual());
      std::copy_n(other.dot_residual(), rows, dot_residual());
      std::copy_n(other.norm(), rows, norm());
      std::copy_n(other.cosine_residual_max(), other.panels(), cosine_residual_max());
      std::copy_n(other.dot_residual_max(), other.panels(), dot_residual_max());
      std::copy_n(other.norm_max(), other.panels(), norm_max());
    }
    prepared_ = std::max(prepared_, other.prepared_);
    other.copy_codes_to(codes, stride());
  }

  // The same codes with `to_stride` rows, no fewer, from one group of dimensions to the next.
  void copy_codes_to(std::uint8_t* to, std::size_t to_stride) const noexcept {
    if (stride() == to_stride) {
      std::memcpy(to, codes, prepared_ * panel_codes());
      return;
    }
    // A copy of constant size is an instruction or two.
    constexpr std::size_t kStepBytes = kRowStep * kGroupDims;
    const std::uint8_t* from = codes;
    const std::size_t bytes = stride() * kGroupDims;
    for (std::size_t group = 0; group < groups_; ++group, to += to_stride * kGroupDims) {
      for (std::size_t offset = 0; offset < bytes; offset += kStepBytes) {
        std::memcpy(to + offset, from + offset, kStepBytes);
      }
      from += bytes;
    }
  }

  // All of it but the maxima: what is said of its rows, array by array, and codes.
  std::span<std::byte> bytes() noexcept { return {memory_.data(), memory_.size()}; }

  std::size_t rows() const noexcept { return rows_; }
  std::size_t panels() const noexcept { return (rows_ + kPanelRows - 1) / kPanelRows; }
  std::size_t prepared_rows() const noexcept { return prepared_ * stride(); }
  // Rows from one group of dimensions to the next.
  std::size_t stride() const noexcept { return std::min<std::size_t>(rows_, kPanelRows); }
  std::size_t byte_size() const noexcept {
    const std::size_t whole = memory_.size();
    const std::size_t written =
        whole <= kPageBytes ? whole : offset_of_codes() + prepared_ * panel_codes();
    return block_bytes(written) + maxima_.byte_size();
  }

  // Per row, as those that follow; 64-byte aligned in whole panels.
  double* norm_sq() noexcept { return reinterpret_cast<double*>(memory_.data()); }
  float* cosine_scale() noexcept { return floats(0); }
  float* dot_scale() noexcept { return floats(1); }
  // Of floats only, as those that follow.
  float* cosine_residual() noexcept { return floats(2); }
  float* dot_residual() noexcept { return floats(3); }
  float* norm() noexcept { return floats(4); }  // rounded up
  // Per panel.
  float* cosine_residual_max() noexcept { return maxima_.data(); }
  float* dot_residual_max() noexcept { return maxima_.data() + panels(); }
  float* norm_max() noexcept { return maxima_.data() + 2 * panels(); }

 private:
  struct Unwritten {};

  PanelChunk(Unwritten, std::size_t rows, std::size_t dim, bool exact)
      : rows_(static_cast<std::uint16_t>(rows)),
        groups_(static_cast<std::uint16_t>(groups_of(dim))),
        exact_(exact),
        memory_(offset_of_codes() + rows * groups_ * kGroupDims),
        maxima_(exact ? 0 : 3 * panels()),
        codes(reinterpret_cast<std::uint8_t*>(memory_.data() + offset_of_codes())) {
    std::fill_n(maxima_.data(), maxima_.size(), 0.0f);
  }

  float* floats(std::size_t array) noexcept {
    return reinterpret_cast<float*>(norm_sq() + rows_) + array * rows_;
  }
  std::size_t panel_codes() const noexcept { return stride() * groups_ * kGroupDims; }
  std::size_t offset_of_codes() const noexcept {
    const std::size_t row_bytes = sizeof(double) + (exact_ ? 2 : 5) * sizeof(float);
    return (rows_ * row_bytes + kCacheLine - 1) / kCacheLine * kCacheLine;
  }

  std::uint16_t rows_;
  std::uint16_t groups_;
  bool exact_;
  std::uint8_t prepared_ = 0;        // panels
  AlignedBuffer<std::byte> memory_;  // whole pages for a whole chunk, codes last
  AlignedBuffer<float> maxima_;

 public:
  std::uint8_t* const codes;
};

}  // namespace kleio
