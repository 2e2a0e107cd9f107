#include "cpu/row_packer.h"

#include <algorithm>
#include <cmath>
#include <cstring>
#include <span>

#include "core/quantise.h"
#include "core/score.h"

namespace kleio {
namespace {

void raise(float& maximum, float value) noexcept {
  maximum = std::max(maximum, value);
}

}  // namespace

RowPacker::RowPacker(const MatrixView& rows)
    : rows_(rows), widened_(rows.dim), codes_(groups_of(rows.dim) * kGroupDims) {}

bool RowPacker::pack(std::size_t row, PanelChunk& chunk, std::size_t place) noexcept {
  const bool exact = rows_.dtype == Dtype::kInt8;
  QuantisedRow quantised;
  if (exact) {
    std::memcpy(codes_.data(), rows_.row(row), rows_.dim);
    quantised.norm_sq = exact_dot(codes_.data(), codes_.data(), rows_.dim);
    quantised.scale = 1;
  } else {
    widen(rows_.row(row), rows_.dtype, widened_);
    quantised = quantise(widened_, std::span(codes_).first(rows_.dim));
  }

  const std::size_t panel = place / kPanelRows;
  std::uint8_t* codes = chunk.codes.data() + panel * panel_bytes(rows_.dim);
  for (std::size_t d = 0; d < codes_.size(); d += kGroupDims) {
    std::uint32_t group;
    std::memcpy(&group, &codes_[d], kGroupDims);
    group ^= 0x80808080u;  // adds 128 to each byte
    std::memcpy(codes + code_offset(place % kPanelRows, d), &group, kGroupDims);
  }

  const double norm = std::sqrt(quantised.norm_sq);
  const bool zero = quantised.norm_sq == 0;
  chunk.norm_sq[place] = quantised.norm_sq;
  chunk.cosine_scale[place] = zero ? kHiddenScale : static_cast<float>(quantised.scale / norm);
  chunk.dot_scale[place] = zero ? kHiddenScale : static_cast<float>(quantised.scale);
  if (exact) return true;

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
