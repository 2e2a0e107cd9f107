// What the CPU search reads of a history or of a plain matrix, behind one face.
#pragma once

#include <cassert>
#include <cstdint>
#include <optional>
#include <vector>

#include "core/history_snapshot.h"
#include "core/search.h"
#include "cpu/scan/panel_store.h"
#include "cpu/simd/aligned_buffer.h"

namespace kleio {

class Searchable {
 public:
  // A history as of a snapshot. Applies `since`, `until` and `excluded_rows`: slots without an
  // eligible behaviour are hidden from the scan. `options` outlive it.
  Searchable(const HistorySnapshot& history, const PanelView& panels, const SearchOptions& options);
  // A plain matrix: slot = row = position.
  Searchable(const MatrixView& rows, const PanelView& panels, const SearchOptions& options);

  std::size_t slot_count() const noexcept { return panels_.slot_count; }
  std::size_t panel_count() const noexcept { return panels_.panel_count(); }
  std::size_t dim() const noexcept { return panels_.dim; }
  Dtype dtype() const noexcept { return rows_.dtype; }
  bool exact() const noexcept { return panels_.exact; }
  bool inner_products_bounded() const noexcept { return panels_.inner_products_bounded; }

  Panel panel(std::size_t index) const noexcept;
  bool is_visible(std::uint32_t slot) const noexcept;
  double norm_sq(std::uint32_t slot) const noexcept { return panels_.norm_sq(slot); }
  const std::byte* embedding(std::uint32_t slot) const noexcept {
    assert(slot < slot_count());
    return rows_.row(history_ == nullptr
                         ? slot
                         : static_cast<std::size_t>(history_->slots[std::int64_t{slot}].row));
  }

  // Position of the newest eligible behaviour of a visible slot.
  std::uint32_t newest_position(std::uint32_t slot) const noexcept {
    if (history_ == nullptr) return slot;
    const std::int64_t newest =
        timed_by_ != nullptr ? newest_[slot] : history_->slots[std::int64_t{slot}].newest;
    assert(newest >= history_->first());
    return static_cast<std::uint32_t>(newest - history_->first());
  }
  // Calls visit(position) for the eligible behaviours of the slot that has one at `newest`, from
  // there to older ones, until visit returns false.
  template <typename Visit>
  void for_each_position(std::uint32_t newest, Visit&& visit) const;

 private:
  Panel unmasked_panel(std::size_t index) const noexcept {
    return whole_ ? *whole_ : panels_.panel(index, unit_);
  }
  void hide_slots(const SearchOptions& options);
  bool is_in_time(std::int64_t sequence) const noexcept {
    return timed_by_ == nullptr || timed_by_->is_in_time(history_->times[sequence]);
  }

  const HistorySnapshot* history_;  // null for a plain matrix
  const PanelView& panels_;
  RowsView rows_;
  Unit unit_;
  const SearchOptions* timed_by_ = nullptr;  // null: behaviours of any time
  std::vector<std::int64_t> newest_;         // per slot, where times count
  std::optional<Panel> whole_;               // where the history has a part of one
  AlignedBuffer<std::byte> whole_memory_;
  AlignedBuffer<float> masked_scales_;  // per slot, NaN where hidden; only when something is
};

template <typename Visit>
void Searchable::for_each_position(std::uint32_t newest, Visit&& visit) const {
  if (history_ == nullptr) {
    visit(newest);
    return;
  }
  const std::int64_t first = history_->first();
  for (std::int64_t sequence = first + newest;;) {
    if (is_in_time(sequence) && !visit(static_cast<std::uint32_t>(sequence - first))) return;
    const std::uint32_t steps = history_->steps_back[sequence];
    if (steps == 0 || sequence - steps < first) return;
    sequence -= steps;
  }
}

}  // namespace kleio
