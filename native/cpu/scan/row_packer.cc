#include "cpu/scan/row_packer.h"

#include <algorithm>
#include <cmath>
#include <cstring>
#include <span>
#include <type_traits>

#include "core/norm_range.h"
#include "core/quantise.h"

namespace kleio {
namespace {

// One row and its codes, padded with 0 to whole groups. On the stack: a history of a few items
// would take more for them than for its items.
struct PackedRow {
  alignas(kCacheLine) float widened[kMaxDim];
  alignas(kCacheLine) std::int8_t codes[kMaxDim];
};

// Into row `row` of `stride` rows, a number or the constant of whole panels. Bytes may alias
// anything, so pointers and sizes are locals.
template <typename Stride>
void scatter(std::span<const std::int8_t> row_codes, std::uint8_t* panel, std::size_t row,
             Stride stride) noexcept {
  const std::int8_t* const begin = row_codes.data();
  const std::size_t size = row_codes.size();
  const std::size_t step = kGroupDims * stride;
  std::uint8_t* to = panel + row * kGroupDims;
  for (std::size_t d = 0; d < size; d += kGroupDims, to += step) {
    std::uint32_t group;
    std::memcpy(&group, begin + d, kGroupDims);
    group ^= 0x80808080u;  // adds 128 to each byte
    std::memcpy(to, &group, kGroupDims);
  }
}

void raise(float& maximum, float value) noexcept {
  maximum = std::max(maximum, value);
}

}  // namespace

RowPacker::RowPacker(const RowsView& rows) : rows_(rows), exact_(has_exact_codes(rows.dtype)) {}

void RowPacker::fetch(std::size_t row) const noexcept {
  // What lies behind the first lines the processor fetches itself.
  constexpr std::size_t kLines = 8;
  const std::byte* const from = rows_.row(row);
  const std::size_t bytes = std::min(rows_.row_bytes, kLines * kCacheLine);
  for (std::size_t offset = 0; offset < bytes; offset += kCacheLine) {
    __builtin_prefetch(from + offset);
  }
}

bool RowPacker::pack(std::size_t row, PanelChunk& chunk, std::size_t place) const noexcept {
  PackedRow packed;
  const std::byte* const from = rows_.row(row);
  const std::size_t padded = groups_of(rows_.dim) * kGroupDims;
  std::memset(packed.codes + padded - kGroupDims, 0, kGroupDims);
  const std::span<std::int8_t> codes = std::span(packed.codes).first(rows_.dim);
  const QuantisedRow quantised =
      exact_ ? exact_row(from, codes)
             : value_row(from, rows_.dtype, std::span(packed.widened).first(rows_.dim), codes);

  const std::size_t panel = place / kPanelRows;
  const auto scatter_by = [&](auto stride) {
    scatter(std::span(packed.codes).first(padded), chunk.codes + panel * panel_bytes(rows_.dim),
            place % kPanelRows, stride);
  };
  if (chunk.stride() == kPanelRows) {
    scatter_by(std::integral_constant<std::size_t, kPanelRows>());
  } else {
    scatter_by(chunk.stride());
  }

  const double norm = std::sqrt(quantised.norm_sq);
  const bool zero = quantised.norm_sq == 0;
  chunk.norm_sq()[place] = quantised.norm_sq;
  chunk.cosine_scale()[place] = zero ? kHiddenScale : static_cast<float>(quantised.scale / norm);
  chunk.dot_scale()[place] = zero ? kHiddenScale : static_cast<float>(quantised.scale);
  if (exact_) return true;

  // A relative 1e-6 covers what float64 lost in computing the residual and the norm themselves.
  const double residual = quantised.residual * (1 + 1e-6) + norm * 1e-12;
  const float cosine_residual = zero ? 0 : round_up(residual / norm);
  const float dot_residual = round_up(residual);
  const float norm_above = round_up(norm * (1 + 1e-12));
  chunk.cosine_residual()[place] = cosine_residual;
  chunk.dot_residual()[place] = dot_residual;
  chunk.norm()[place] = norm_above;
  raise(chunk.cosine_residual_max()[panel], cosine_residual);
  raise(chunk.dot_residual_max()[panel], dot_residual);
  raise(chunk.norm_max()[panel], norm_above);
  return zero || is_bounded_norm(norm);
}

}  // namespace kleio
