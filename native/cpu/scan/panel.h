// The layout that every CPU kernel scans: panels of 64 rows, int8 codes in groups of four
// dimensions.
//
//   codes[group][row][4]   group = dimension / 4, 64 rows, one byte per dimension, stored + 128
//
// A vector register then holds four dimensions of 16 rows, one row a 32-bit lane, so that
// VPDPBUSD needs no horizontal sum: unsigned codes times signed target bytes, and starting each
// accumulator at -128 * sum(target) undoes the offset. Dimensions are padded to a multiple of four
// with code 0 on the rows' side (byte 128) and 0 on the target's. 64 rows x 128 dimensions are 8
// KiB: a panel stays in L1 while all targets pass over it.
#pragma once

#include <cstddef>
#include <cstdint>

namespace kleio {

inline constexpr std::size_t kPanelRows = 64;
inline constexpr std::size_t kGroupDims = 4;

constexpr std::size_t groups_of(std::size_t dim) noexcept {
  return (dim + kGroupDims - 1) / kGroupDims;
}
constexpr std::size_t panel_bytes(std::size_t dim) noexcept {
  return groups_of(dim) * kGroupDims * kPanelRows;
}

// One panel as a scan for one unit sees it.
//
// An estimate is float(code dot) * scale[row], in units in which the target's own scale is left
// out. The true value lies within  residual[row] * slack + weight[row] * margin  of it, with
// `slack` and `margin` from the target. A NaN scale hides a row: no comparison with it is true.
struct Panel {
  const std::uint8_t* codes = nullptr;  // 64-byte aligned
  const float* scale = nullptr;         // [64], 64-byte aligned, as the next two
  const float* residual = nullptr;      // [64]; null for exact codes (int8 tables)
  const float* weight = nullptr;        // [64]; null for exact codes
  float residual_max = 0;               // over the panel's rows
  float weight_max = 0;
  std::uint32_t first_slot = 0;
  const std::uint8_t* next_codes = nullptr;  // the panel that follows in the scan, to prefetch
};

}  // namespace kleio
