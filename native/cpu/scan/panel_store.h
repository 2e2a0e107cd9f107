// The distinct items of a history as panels, in chunks that snapshots share until they are written.
//
// Memory per slot: dim rounded up to 4 (codes) + 16 bytes for int8, + 28 bytes for floats; storage
// grows by fours to 32 slots, by eights to 64, by doubling to the first chunk of 1024, and by whole
// chunks beyond.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include "core/matrix_view.h"
#include "core/search.h"
#include "core/slot_store.h"
#include "core/table.h"
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
    return chunks_[slot / kChunkRows]->norm_sq()[slot % kChunkRows];
  }

  // Fewer rows than a panel has, and closer: a scan needs them as a `whole_panel`.
  bool is_part_of_panel() const noexcept {
    return chunks_.first && chunks_.first->rows() < kPanelRows;
  }
  // In `memory`; rows that are not there are hidden and have any code.
  Panel whole_panel(Unit unit, AlignedBuffer<std::byte>& memory) const;

  // Of bytes of a history (panel_items.cc).
  std::size_t items_bytes(std::size_t count) const noexcept override;
  void write_items(std::span<const std::uint32_t> slots, std::span<std::byte> out,
                   const CallContext& context) const override;

  std::uint32_t slot_count = 0;
  std::uint16_t dim = 0;
  bool exact = true;  // code dots are the true dots
  // False once a float row's norm left the range in which float32 bounds of inner products hold.
  bool inner_products_bounded = true;

 private:
  friend class PanelStore;
  using ChunkPointer = std::shared_ptr<PanelChunk>;

  void write_chunk(std::span<const std::uint32_t> slots, std::byte* out) const noexcept;
  void write_panel(std::span<const std::uint32_t> slots, std::uint8_t* codes) const noexcept;
  // Very many views have one chunk.
  struct ChunkList {
    struct More : InBlocks {
      BlockVector<ChunkPointer> pointers;
    };

    ChunkList() = default;
    ChunkList(const ChunkList& other)
        : first(other.first), more(other.more ? std::make_unique<More>(*other.more) : nullptr) {}
    ChunkList& operator=(const ChunkList&) = delete;

    std::size_t size() const noexcept {
      return more ? more->pointers.size() + 1 : std::size_t{first != nullptr};
    }
    const ChunkPointer& operator[](std::size_t index) const noexcept {
      return index == 0 ? first : more->pointers[index - 1];
    }
    ChunkPointer& operator[](std::size_t index) noexcept {
      return index == 0 ? first : more->pointers[index - 1];
    }

    ChunkPointer first;
    std::unique_ptr<More> more;  // nullptr: there is no second one
  };

  static std::shared_ptr<PanelView> make(std::size_t dim, Dtype dtype);
  ChunkPointer make_chunk(std::size_t rows) const;
  ChunkPointer make_unwritten_chunk() const;
  void resize(std::size_t chunks);
  std::size_t byte_size() const noexcept;

  ChunkList chunks_;
};

class PanelStore final : public SlotStore, public InBlocks {
 public:
  explicit PanelStore(std::shared_ptr<const Table> table);

  // All rows of a matrix, row r in slot r, packed by the threads of the pool.
  static std::shared_ptr<const PanelView> of_matrix(const MatrixView& rows, ThreadPool& pool);

  void assign(std::span<const SlotRow> items) override;
  std::vector<std::span<std::byte>> make_room(std::size_t count) override;
  bool adopt_items(std::size_t count, std::span<const std::byte> items,
                   const CallContext& context) override;
  // Places are read from the snapshot.
  void touch(std::span<const std::uint32_t>) noexcept override {}
  void free_slot(std::uint32_t slot) override;
  void unshare(std::uint32_t slot) override {
    writable_chunk(slot / kChunkRows, slot % kChunkRows + 1);
  }
  void forget_columns() override {}
  void clear() override;
  std::shared_ptr<const SlotView> view() override;
  std::size_t byte_size() const noexcept override;

 private:
  PanelChunk& writable_chunk(std::size_t index, std::size_t needed);

  std::shared_ptr<const Table> table_;
  std::shared_ptr<PanelView> present_;  // unshared before every write
};

}  // namespace kleio
