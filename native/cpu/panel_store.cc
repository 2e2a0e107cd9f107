#include "cpu/panel_store.h"

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstring>

#include "core/quantise.h"
#include "core/score.h"

namespace kleio {
namespace {

// Norms within which float32 estimates and bounds of inner products neither overflow nor vanish.
constexpr double kSmallestBoundedNorm = 1e-15;
constexpr double kLargestBoundedNorm = 1e15;

// The weight of a cosine's bound is 1 for every row.
alignas(kCacheLine) constexpr auto kUnitWeights = [] {
  struct Weights {
    float values[kPanelRows];
  } weights{};
  for (float& weight : weights.values) weight = 1;
  return weights;
}();

}  // namespace

Panel PanelView::panel(std::size_t index, Unit unit) const noexcept {
  const PanelChunk& chunk = *chunks_[index / kChunkPanels];
  const std::size_t within = index % kChunkPanels;
  const std::size_t row = within * kPanelRows;
  Panel panel;
  panel.codes = chunk.codes.data() + within * panel_bytes(dim);
  panel.scale = (unit == Unit::kCosine ? chunk.cosine_scale : chunk.dot_scale).data() + row;
  panel.first_slot = static_cast<std::uint32_t>(index * kPanelRows);
  if (exact) return panel;
  if (unit == Unit::kCosine) {
    panel.residual = chunk.cosine_residual.data() + row;
    panel.residual_max = chunk.cosine_residual_max[within];
    panel.weight = kUnitWeights.values;
    panel.weight_max = 1;
  } else {
    panel.residual = chunk.dot_residual.data() + row;
    panel.residual_max = chunk.dot_residual_max[within];
    panel.weight = chunk.norm.data() + row;
    panel.weight_max = chunk.norm_max[within];
  }
  return panel;
}

PanelStore::PanelStore(const MatrixView& rows, std::shared_ptr<const void> owner)
    : rows_(rows),
      owner_(std::move(owner)),
      present_(std::make_shared<PanelView>()),
      widened_(rows.dim),
      codes_(groups_of(rows.dim) * kGroupDims) {
  present_->dim = rows.dim;
  present_->exact = rows.dtype == Dtype::kInt8;
}

// The chunk of `slot`, grown to hold it and shared with no view.
PanelChunk& PanelStore::writable_chunk(std::uint32_t slot) {
  if (present_.use_count() > 1) present_ = std::make_shared<PanelView>(*present_);
  PanelView& view = *present_;
  const std::size_t index = slot / kChunkRows;
  const std::size_t panels_needed = slot % kChunkRows / kPanelRows + 1;
  if (index == view.chunks_.size()) view.chunks_.emplace_back();
  std::shared_ptr<PanelChunk>& chunk = view.chunks_[index];
  if (chunk && chunk.use_count() == 1 && chunk->panels() >= panels_needed) return *chunk;
  const std::size_t held = chunk ? chunk->panels() : 0;
  const std::size_t panels = held >= panels_needed ? held : std::bit_ceil(panels_needed);
  auto replacement = std::make_shared<PanelChunk>(panels, view.dim, view.exact);
  if (chunk) replacement->copy_from(*chunk);
  chunk = std::move(replacement);
  return *chunk;
}

void PanelStore::assign(std::uint32_t slot, std::int32_t row) {
  PanelChunk& chunk = writable_chunk(slot);
  PanelView& view = *present_;
  view.slot_count = std::max<std::size_t>(view.slot_count, slot + 1u);
  const std::size_t within = slot % kChunkRows;
  const std::size_t panel = within / kPanelRows;
  const std::byte* source = rows_.row(static_cast<std::size_t>(row));

  QuantisedRow quantised;
  if (view.exact) {
    std::memcpy(codes_.data(), source, rows_.dim);
    quantised.norm_sq = exact_dot(codes_.data(), codes_.data(), rows_.dim);
    quantised.scale = 1;
  } else {
    widen(source, rows_.dtype, widened_);
    quantised = quantise(widened_, std::span(codes_).first(rows_.dim));
  }

  std::uint8_t* codes = chunk.codes.data() + panel * panel_bytes(rows_.dim);
  for (std::size_t d = 0; d < codes_.size(); d += kGroupDims) {
    std::uint32_t group;
    std::memcpy(&group, &codes_[d], kGroupDims);
    group ^= 0x80808080u;  // adds 128 to each byte
    std::memcpy(codes + code_offset(within % kPanelRows, d), &group, kGroupDims);
  }

  const double norm = std::sqrt(quantised.norm_sq);
  const bool zero = quantised.norm_sq == 0;
  chunk.norm_sq[within] = quantised.norm_sq;
  chunk.cosine_scale[within] = zero ? kHiddenScale : static_cast<float>(quantised.scale / norm);
  chunk.dot_scale[within] = zero ? kHiddenScale : static_cast<float>(quantised.scale);
  if (view.exact) return;

  // A relative 1e-6 covers what float64 lost in computing the residual and the norm themselves.
  const double residual = quantised.residual * (1 + 1e-6) + norm * 1e-12;
  chunk.cosine_residual[within] = zero ? 0 : round_up(residual / norm);
  chunk.dot_residual[within] = round_up(residual);
  chunk.norm[within] = round_up(norm * (1 + 1e-12));
  const auto raise = [](float& maximum, float value) { maximum = std::max(maximum, value); };
  raise(chunk.cosine_residual_max[panel], chunk.cosine_residual[within]);
  raise(chunk.dot_residual_max[panel], chunk.dot_residual[within]);
  raise(chunk.norm_max[panel], chunk.norm[within]);
  if (!zero && !(norm >= kSmallestBoundedNorm && norm <= kLargestBoundedNorm)) {
    view.inner_products_bounded = false;
  }
}

void PanelStore::release(std::uint32_t slot) {
  PanelChunk& chunk = writable_chunk(slot);
  chunk.cosine_scale[slot % kChunkRows] = kHiddenScale;
  chunk.dot_scale[slot % kChunkRows] = kHiddenScale;
  chunk.norm_sq[slot % kChunkRows] = 0;
}

void PanelStore::clear() {
  auto empty = std::make_shared<PanelView>();
  empty->dim = present_->dim;
  empty->exact = present_->exact;
  present_ = std::move(empty);
}

std::shared_ptr<const SlotView> PanelStore::view() {
  return present_;
}

std::size_t PanelStore::byte_size() const noexcept {
  std::size_t bytes = 0;
  for (const auto& chunk : present_->chunks_) bytes += chunk->byte_size();
  return bytes;
}

}  // namespace kleio
