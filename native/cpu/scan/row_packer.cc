#include "cpu/scan/row_packer.h"

#include <algorithm>
#include <cmath>
#include <cstring>
#include <span>

#include "core/norm_range.h"
#include "core/quantise.h"

namespace kleio {
namespace {

// Into row `row` of a panel. Bytes may alias anything, so pointers and sizes are locals.
void scatter(std::span<const std::int8_t> row_codes, std::uint8_t* panel,
             std::size_t row) noexcept {
  const std::int8_t* const begin = row_codes.data();
  const std::size_t size = row_codes.size();
  std::uint8_t* to = panel + code_offset(row, 0);
  for (std::size_t d = 0; d < size; d += kGroupDims, to += kGroupDims * kPanelRows) {
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

RowPacker::RowPacker(const MatrixView& rows)
    : rows_(rows),
      exact_(has_exact_codes(rows.dtype)),
      row_bytes_(rows.row_stride_bytes()),
      widened_(rows.dim),
      codes_(groups_of(rows.dim) * kGroupDims) {}

void RowPacker::fetch(std::size_t row) const noexcept {
  // What lies behind the first lines the processor fetches itself.
  constexpr std::size_t kLines = 8;
  const std::size_t bytes = std::min(row_bytes_, kLines * kCacheLine);
  for (std::size_t offset = 0; offset < bytes; offset += kCacheLine) {
    __builtin_prefetch(rows_.values + row * row_bytes_ + offset);
  }
}

bool RowPacker::pack(std::size_t row, PanelChunk& chunk, std::size_t place) noexcept {
  const std::byte* const from = rows_.values + row * row_bytes_;
  const std::span<std::int8_t> codes = std::span(codes_).first(rows_.dim);
  const QuantisedRow quantised =
      exact_ ? exact_row(from, codes) : value_row(from, rows_.dtype, widened_, codes);

  const std::size_t panel = place / kPanelRows;
  scatter(codes_, chunk.codes.data() + panel * panel_bytes(rows_.dim), place % kPanelRows);

  const double norm = std::sqrt(quantised.norm_sq);
  const bool zero = quantised.norm_sq == 0;
  chunk.norm_sq[place] = quantised.norm_sq;
  chunk.cosine_scale[place] = zero ? kHiddenScale : static_cast<float>(quantised.scale / norm);
  chunk.dot_scale[place] = zero ? kHiddenScale : static_cast<float>(quantised.scale);
  if (exact_) return true;

  // A relative 1e-6 covers what float64 lost in computing the residual and the norm themselves.
  const double residual = quantised.residual * (1 + 1e-6) + norm * 1e-12;
  chunk.cosine_residual[place] = zero ? 0 : round_up(residual / norm);
  chunk.dot_residual[place] = round_up(residual);
  chunk.norm[place] = round_up(norm * (1 + 1e-12));
  raise(chunk.cosine_residual_max[panel], chunk.cosine_residual[place]);
  raise(chunk.dot_residual_max[panel], chunk.dot_residual[place]);
  raise(chunk.norm_max[panel], chunk.norm[place]);
  return zero || is_bounded_norm(norm);
}

}  // namespace kleio
