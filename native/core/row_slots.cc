#include "core/row_slots.h"

#include <algorithm>
#include <bit>
#include <cassert>
#include <utility>

#include "core/hash.h"

namespace kleio {

void RowSlots::grow(std::size_t rows, const Items& items) {
  const Entries outgrown = std::exchange(entries_, Entries(std::bit_ceil(2 * rows)));
  for (const Entry& entry : outgrown) {
    if (entry.row >= 0) entries_[index_of(entry.row)] = entry;
  }
  if (!outgrown.empty()) return;
  for (std::int64_t slot = 0; slot < items.present.end(); ++slot) {
    const std::int32_t row = items.present[slot].row;
    if (row >= 0) entries_[index_of(row)] = {row, static_cast<std::int32_t>(slot)};
  }
  for (const auto& [slot, row] : items.coming) {
    entries_[index_of(row)] = {row, static_cast<std::int32_t>(slot)};
  }
}

std::int32_t RowSlots::find_or_insert(std::int32_t row, std::int32_t slot) noexcept {
  assert(row >= 0 && 2 * size_ < entries_.size());
  Entry& entry = entries_[index_of(row)];
  if (entry.row < 0) {
    entry = {row, slot};
    ++size_;
  }
  return entry.slot;
}

std::int32_t RowSlots::find_or_count(std::int32_t row, std::int32_t slot,
                                     const Items& items) noexcept {
  assert(row >= 0 && size_ < kFewItems + 1);
  for (std::int64_t present = 0; present < items.present.end(); ++present) {
    if (items.present[present].row == row) return static_cast<std::int32_t>(present);
  }
  for (const SlotRow& coming : items.coming) {
    if (coming.row == row) return static_cast<std::int32_t>(coming.slot);
  }
  ++size_;
  return slot;
}

std::optional<std::int32_t> RowSlots::find(std::int32_t row,
                                           const ChunkedColumn<Slot>& present) const noexcept {
  if (row < 0) return std::nullopt;
  if (!entries_.empty()) {
    const Entry& entry = entries_[index_of(row)];
    return entry.row < 0 ? std::nullopt : std::optional(entry.slot);
  }
  for (std::int64_t slot = 0; slot < present.end(); ++slot) {
    if (present[slot].row == row) return static_cast<std::int32_t>(slot);
  }
  return std::nullopt;
}

void RowSlots::fetch(std::int32_t row) const noexcept {
  if (!entries_.empty()) __builtin_prefetch(&entries_[home_of(row)]);
}

void RowSlots::erase(std::int32_t row) noexcept {
  --size_;
  if (entries_.empty()) return;
  // Backward shift instead of tombstones: whatever the freed entry kept from its home moves up, so
  // lookups never slow down however many rows come and go.
  const std::size_t mask = entries_.size() - 1;
  std::size_t free = index_of(row);
  assert(entries_[free].row == row);
  for (std::size_t next = (free + 1) & mask; entries_[next].row >= 0; next = (next + 1) & mask) {
    const std::size_t distance_from_home = (next - home_of(entries_[next].row)) & mask;
    if (distance_from_home < ((next - free) & mask)) continue;
    entries_[free] = entries_[next];
    free = next;
  }
  entries_[free] = {};
}

void RowSlots::clear() noexcept {
  entries_ = Entries();  // a list would leave the room
  size_ = 0;
}

std::size_t RowSlots::home_of(std::int32_t row) const noexcept {
  return mixed_bits(static_cast<std::uint64_t>(row)) & (entries_.size() - 1);
}

std::size_t RowSlots::index_of(std::int32_t row) const noexcept {
  const std::size_t mask = entries_.size() - 1;
  std::size_t index = home_of(row);
  while (entries_[index].row >= 0 && entries_[index].row != row) index = (index + 1) & mask;
  return index;
}

}  // namespace kleio
