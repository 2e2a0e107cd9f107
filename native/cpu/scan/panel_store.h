// The distinct items of a history as panels, in chunks that snapshots share until they are written.
//
// Memory per slot: dim rounded up to 4 (codes) + 16 bytes for int8, + 28 bytes for floats; storage
// grows by doubling from 4 slots within the first chunk of 1024 and by whole chunks beyond.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include "core/matrix_view.h"
#include "core/search.h"
#include "core/slot_store.h"
#include "core/thread_pool.h"
#include "cpu/scan/panel.h"
#include "cpu/scan/panel_chunk.h"
#include "cpu/scan/row_packer.h"

namespace kleio {

// The immutable view of a store. Slots past `slot_count` and empty slots have NaN scales.
class PanelView final : public SlotViewOf<PanelView> {
 public:
  std::size_t panel_count() const noexcept { return (slot_count + kPanelRows - 1) / kPanelRows; }
  // `unit` is kCosine or kDot. Leaves next_codes unset.
  Panel panel(std::size_t index, Unit unit) const noexcept;
  double norm_sq(std::uint32_t slot) const noexcept {
    return chunks_[slot / kChunkRows]->norm_sq[slot % kChunkRows];
  }

  // Fewer rows than a panel has, and closer: a scan needs them as a `whole_panel`.
  bool is_part_of_panel() const noexcept {
    return chunks_.size() == 1 && chunks_.front()->rows() < kPanelRows;
  }
  // In `memory`; rows that are not there are hidden and have any code.
  Panel whole_panel(Unit unit, AlignedBuffer<std::byte>& memory) const;

  // Of bytes of a history (panel_items.cc).
  std::size_t items_bytes(std::size_t count) const noexcept override;
  void write_items(std::span<const std::uint32_t> slots, std::span<std::byte> out,
                   const CallContext& context) const override;

  std::size_t slot_count = 0;
  std::size_t dim = 0;
  bool exact = true;  // code dots are the true dots
  // False once a float row's norm left the range in which float32 bounds of inner products hold.
  bool inner_products_bounded = true;

 private:
  friend class PanelStore;
  using ChunkPointer = std::shared_ptr<PanelChunk>;

  static std::shared_ptr<PanelView> make();
  static ChunkPointer make_chunk(std::size_t rows, std::size_t dim, bool exact);
  void write_panel(std::span<const std::uint32_t> slots, std::uint8_t* codes) const noexcept;
  std::size_t byte_size() const noexcept;

  BlockVector<ChunkPointer> chunks_;
};

class PanelStore final : public SlotStore, public InBlocks {
 public:
  // `rows` outlives the store; `owner` is what keeps it alive, if anything.
  PanelStore(const MatrixView& rows, std::shared_ptr<const void> owner);

  // All rows of a matrix, row r in slot r, packed by the threads of the pool.
  static std::shared_ptr<const PanelView> of_matrix(const MatrixView& rows, ThreadPool& pool);

  void assign(std::span<const SlotRow> items) override;
  bool adopt_items(std::size_t count, std::span<const std::byte> items,
                   const CallContext& context) override;
  // Places are read from the snapshot.
  void touch(std::span<const std::uint32_t>) noexcept override {}
  void free_slot(std::uint32_t slot) override;
  void unshare(std::uint32_t slot) override { writable_chunk(slot); }
  void forget_columns() override {}
  void clear() override;
  std::shared_ptr<const SlotView> view() override;
  std::size_t byte_size() const noexcept override;

 private:
  PanelChunk& writable_chunk(std::uint32_t slot);

  std::shared_ptr<const void> owner_;
  RowPacker packer_;
  std::shared_ptr<PanelView> present_;  // unshared before every write
};

}  // namespace kleio
