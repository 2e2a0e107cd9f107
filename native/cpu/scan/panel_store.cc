#include "cpu/scan/panel_store.h"

#include <algorithm>
#include <atomic>
#include <bit>

namespace kleio {
namespace {

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
  panel.codes = chunk.codes + within * panel_bytes(dim);
  const bool normalised = traits_of(unit).normalised;
  panel.scale = (normalised ? chunk.cosine_scale : chunk.dot_scale) + row;
  panel.first_slot = static_cast<std::uint32_t>(index * kPanelRows);
  if (exact) return panel;
  if (normalised) {
    panel.residual = chunk.cosine_residual + row;
    panel.residual_max = chunk.cosine_residual_max[within];
    panel.weight = kUnitWeights.values;
    panel.weight_max = 1;
  } else {
    panel.residual = chunk.dot_residual + row;
    panel.residual_max = chunk.dot_residual_max[within];
    panel.weight = chunk.norm + row;
    panel.weight_max = chunk.norm_max[within];
  }
  return panel;
}

Panel PanelView::whole_panel(Unit unit, AlignedBuffer<std::byte>& memory) const {
  Panel panel = this->panel(0, unit);
  const PanelChunk& chunk = *chunks_.front();
  constexpr std::size_t kFloats = kPanelRows * sizeof(float);
  std::byte* const floats = memory.require(panel_bytes(dim) + 3 * kFloats) + panel_bytes(dim);
  const auto whole = [&](const float* part, std::size_t index) {
    auto* const row = reinterpret_cast<float*>(floats + index * kFloats);
    std::fill(std::copy_n(part, chunk.rows(), row), row + kPanelRows, kHiddenScale);
    return row;
  };
  auto* const codes = reinterpret_cast<std::uint8_t*>(memory.data());
  chunk.copy_codes_to(codes, kPanelRows);
  panel.codes = codes;
  panel.scale = whole(panel.scale, 0);
  if (exact) return panel;
  panel.residual = whole(panel.residual, 1);
  if (!traits_of(unit).normalised) panel.weight = whole(panel.weight, 2);
  return panel;
}

std::shared_ptr<PanelView> PanelView::make() {
  return std::allocate_shared<PanelView>(BlockAllocator<PanelView>());
}

PanelView::ChunkPointer PanelView::make_chunk(std::size_t rows, std::size_t dim, bool exact) {
  return std::allocate_shared<PanelChunk>(BlockAllocator<PanelChunk>(), rows, dim, exact);
}

std::size_t PanelView::byte_size() const noexcept {
  constexpr std::size_t kCounts = 16;  // a shared pointer's, beside its object
  const std::size_t bytes = block_bytes(kCounts + sizeof(PanelView)) +
                            block_bytes(chunks_.capacity() * sizeof(ChunkPointer));
  if (chunks_.empty()) return bytes;
  // All chunks but the last are alike.
  return bytes + chunks_.size() * block_bytes(kCounts + sizeof(PanelChunk)) +
         (chunks_.size() - 1) * chunks_.front()->byte_size() + chunks_.back()->byte_size();
}

PanelStore::PanelStore(const RowsView& rows, std::shared_ptr<const void> owner)
    : owner_(std::move(owner)), packer_(rows), present_(PanelView::make()) {
  present_->dim = rows.dim;
  present_->exact = has_exact_codes(rows.dtype);
}

// The chunk of `slot`, grown to hold it and shared with no view.
PanelChunk& PanelStore::writable_chunk(std::uint32_t slot) {
  if (present_.use_count() > 1) {
    present_ = std::allocate_shared<PanelView>(BlockAllocator<PanelView>(), *present_);
  }
  PanelView& view = *present_;
  const std::size_t index = slot / kChunkRows;
  const std::size_t needed = slot % kChunkRows + 1;
  if (index == view.chunks_.size()) view.chunks_.emplace_back();
  std::shared_ptr<PanelChunk>& chunk = view.chunks_[index];
  const std::size_t held = chunk ? chunk->rows() : 0;
  if (held < needed || chunk.use_count() > 1) {
    const std::size_t rows = held >= needed ? held
                             : index == 0   ? std::bit_ceil(std::max(needed, PanelChunk::kMinRows))
                                            : kChunkRows;
    auto replacement = PanelView::make_chunk(rows, view.dim, view.exact);
    if (chunk) replacement->copy_from(*chunk);
    chunk = std::move(replacement);
  }
  chunk->prepare((needed + kPanelRows - 1) / kPanelRows);
  return *chunk;
}

void PanelStore::assign(std::span<const SlotRow> items) {
  // A row in a large table is a cache miss, so each is fetched while those before it are packed.
  constexpr std::size_t kAhead = 12;
  const auto fetch = [&](std::size_t i) {
    if (i < items.size()) packer_.fetch(static_cast<std::size_t>(items[i].row));
  };
  for (std::size_t i = 0; i < kAhead; ++i) fetch(i);
  // All that can throw. Slots from `begin` to `end` are ready already.
  for (std::uint32_t begin = 0, end = 0; const SlotRow& item : items) {
    if (item.slot >= begin && item.slot < end) continue;
    begin = item.slot / std::uint32_t{kChunkRows} * std::uint32_t{kChunkRows};
    end = begin + static_cast<std::uint32_t>(writable_chunk(item.slot).prepared_rows());
  }
  PanelView& view = *present_;
  for (std::size_t i = 0; i < items.size(); ++i) {
    fetch(i + kAhead);
    const auto& [slot, row] = items[i];
    PanelChunk& chunk = *view.chunks_[slot / kChunkRows];
    view.slot_count = std::max<std::size_t>(view.slot_count, slot + 1u);
    view.inner_products_bounded &=
        packer_.pack(static_cast<std::size_t>(row), chunk, slot % kChunkRows);
  }
}

void PanelStore::free_slot(std::uint32_t slot) {
  PanelChunk& chunk = writable_chunk(slot);
  chunk.cosine_scale[slot % kChunkRows] = kHiddenScale;
  chunk.dot_scale[slot % kChunkRows] = kHiddenScale;
  chunk.norm_sq[slot % kChunkRows] = 0;
}

void PanelStore::clear() {
  auto empty = PanelView::make();
  empty->dim = present_->dim;
  empty->exact = present_->exact;
  present_ = std::move(empty);
}

std::shared_ptr<const PanelView> PanelStore::of_matrix(const MatrixView& rows, ThreadPool& pool) {
  const auto view = PanelView::make();
  view->dim = rows.dim;
  view->exact = has_exact_codes(rows.dtype);
  view->slot_count = rows.rows;
  view->chunks_.resize((rows.rows + kChunkRows - 1) / kChunkRows);
  std::atomic<bool> bounded{true};
  pool.parallel_for(view->chunks_.size(), 0, [&](std::size_t index) {
    const std::size_t first = index * kChunkRows;
    const std::size_t count = std::min(kChunkRows, rows.rows - first);
    const std::size_t panels = (count + kPanelRows - 1) / kPanelRows;
    auto chunk = PanelView::make_chunk(panels * kPanelRows, view->dim, view->exact);
    chunk->prepare(panels);
    RowPacker packer(rows);
    for (std::size_t row = 0; row < count; ++row) {
      if (!packer.pack(first + row, *chunk, row)) bounded.store(false, std::memory_order_relaxed);
    }
    view->chunks_[index] = std::move(chunk);
  });
  view->inner_products_bounded = bounded.load(std::memory_order_relaxed);
  return view;
}

std::shared_ptr<const SlotView> PanelStore::view() {
  return present_;
}

std::size_t PanelStore::byte_size() const noexcept {
  return block_bytes(sizeof(PanelStore)) + present_->byte_size();
}

}  // namespace kleio
