#include "cpu/scan/panel_store.h"

#include <algorithm>
#include <atomic>

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
  PanelChunk& chunk = *chunks_[index / kChunkPanels];
  const std::size_t within = index % kChunkPanels;
  const std::size_t row = within * kPanelRows;
  Panel panel;
  panel.codes = chunk.codes + within * panel_bytes(dim);
  const bool normalised = traits_of(unit).normalised;
  panel.scale = (normalised ? chunk.cosine_scale() : chunk.dot_scale()) + row;
  panel.first_slot = static_cast<std::uint32_t>(index * kPanelRows);
  if (exact) return panel;
  if (normalised) {
    panel.residual = chunk.cosine_residual() + row;
    panel.residual_max = chunk.cosine_residual_max()[within];
    panel.weight = kUnitWeights.values;
    panel.weight_max = 1;
  } else {
    panel.residual = chunk.dot_residual() + row;
    panel.residual_max = chunk.dot_residual_max()[within];
    panel.weight = chunk.norm() + row;
    panel.weight_max = chunk.norm_max()[within];
  }
  return panel;
}

Panel PanelView::whole_panel(Unit unit, AlignedBuffer<std::byte>& memory) const {
  Panel panel = this->panel(0, unit);
  PanelChunk& chunk = *chunks_[0];
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

std::shared_ptr<PanelView> PanelView::make(std::size_t dim, Dtype dtype) {
  const auto view = std::allocate_shared<PanelView>(BlockAllocator<PanelView>());
  view->dim = static_cast<std::uint16_t>(dim);
  view->exact = has_exact_codes(dtype);
  return view;
}

PanelView::ChunkPointer PanelView::make_chunk(std::size_t rows) const {
  return std::allocate_shared<PanelChunk>(BlockAllocator<PanelChunk>(), rows, dim, exact);
}

PanelView::ChunkPointer PanelView::make_unwritten_chunk() const {
  return std::allocate_shared<PanelChunk>(BlockAllocator<PanelChunk>(), dim, exact);
}

void PanelView::resize(std::size_t chunks) {
  if (chunks < 2) return;
  if (!chunks_.more) chunks_.more = std::make_unique<ChunkList::More>();
  chunks_.more->pointers.resize(chunks - 1);
}

std::size_t PanelView::byte_size() const noexcept {
  constexpr std::size_t kCounts = 16;  // a shared pointer's, beside its object
  const std::size_t view = block_bytes(kCounts + sizeof(PanelView));
  if (!chunks_.first) return view;
  const std::size_t chunk = block_bytes(kCounts + sizeof(PanelChunk));
  if (!chunks_.more) return view + chunk + chunks_.first->byte_size();
  const auto& more = chunks_.more->pointers;
  // All chunks but the last are alike.
  return view + block_bytes(sizeof(ChunkList::More)) +
         block_bytes(more.capacity() * sizeof(ChunkPointer)) + (more.size() + 1) * chunk +
         more.size() * chunks_.first->byte_size() + more.back()->byte_size();
}

PanelStore::PanelStore(std::shared_ptr<const Table> table)
    : table_(std::move(table)),
      present_(PanelView::make(table_->view().dim, table_->view().dtype)) {}

// The chunk with number `index`, grown to hold `needed` rows and shared with no view.
PanelChunk& PanelStore::writable_chunk(std::size_t index, std::size_t needed) {
  if (present_.use_count() > 1) {
    present_ = std::allocate_shared<PanelView>(BlockAllocator<PanelView>(), *present_);
  }
  PanelView& view = *present_;
  if (index == view.chunks_.size()) view.resize(index + 1);
  PanelView::ChunkPointer& chunk = view.chunks_[index];
  const std::size_t held = chunk ? chunk->rows() : 0;
  if (held < needed || chunk.use_count() > 1) {
    auto replacement = view.make_chunk(held >= needed ? held
                                       : index == 0   ? PanelChunk::rows_for(needed)
                                                      : kChunkRows);
    if (chunk) replacement->copy_from(*chunk);
    chunk = std::move(replacement);
  }
  chunk->prepare((needed + kPanelRows - 1) / kPanelRows);
  return *chunk;
}

void PanelStore::assign(std::span<const SlotRow> items) {
  const RowPacker packer(table_->view());
  // A row in a large table is a cache miss, so each is fetched while those before it are packed.
  constexpr std::size_t kAhead = 12;
  const auto fetch = [&](std::size_t i) {
    if (i < items.size()) packer.fetch(static_cast<std::size_t>(items[i].row));
  };
  for (std::size_t i = 0; i < kAhead; ++i) fetch(i);
  std::uint32_t last = 0;
  for (const SlotRow& item : items) last = std::max(last, item.slot);
  // All that can throw. Slots from `begin` to `end` are ready already.
  for (std::uint32_t begin = 0, end = 0; const SlotRow& item : items) {
    if (item.slot >= begin && item.slot < end) continue;
    const std::size_t index = item.slot / kChunkRows;
    const bool is_last = index == last / kChunkRows;
    const PanelChunk& chunk = writable_chunk(index, is_last ? last % kChunkRows + 1 : kChunkRows);
    begin = static_cast<std::uint32_t>(index * kChunkRows);
    end = begin + static_cast<std::uint32_t>(chunk.prepared_rows());
  }
  PanelView& view = *present_;
  for (std::size_t i = 0; i < items.size(); ++i) {
    fetch(i + kAhead);
    const auto& [slot, row] = items[i];
    PanelChunk& chunk = *view.chunks_[slot / kChunkRows];
    view.slot_count = std::max(view.slot_count, slot + 1);
    view.inner_products_bounded &=
        packer.pack(static_cast<std::size_t>(row), chunk, slot % kChunkRows);
  }
}

void PanelStore::free_slot(std::uint32_t slot) {
  const std::size_t place = slot % kChunkRows;
  PanelChunk& chunk = writable_chunk(slot / kChunkRows, place + 1);
  chunk.cosine_scale()[place] = kHiddenScale;
  chunk.dot_scale()[place] = kHiddenScale;
  chunk.norm_sq()[place] = 0;
}

void PanelStore::clear() {
  present_ = PanelView::make(table_->view().dim, table_->view().dtype);
}

std::shared_ptr<const PanelView> PanelStore::of_matrix(const MatrixView& rows, ThreadPool& pool) {
  const auto view = PanelView::make(rows.dim, rows.dtype);
  view->slot_count = static_cast<std::uint32_t>(rows.rows);
  const std::size_t chunks = (rows.rows + kChunkRows - 1) / kChunkRows;
  view->resize(chunks);
  std::atomic<bool> bounded{true};
  pool.parallel_for(chunks, 0, [&](std::size_t index) {
    const std::size_t first = index * kChunkRows;
    const std::size_t count = std::min(kChunkRows, rows.rows - first);
    const std::size_t panels = (count + kPanelRows - 1) / kPanelRows;
    auto chunk = view->make_chunk(panels * kPanelRows);
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
