#include "core/row_slots.h"

#include <algorithm>
#include <bit>
#include <cassert>
#include <utility>

#include "core/secret_hash.h"

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
  assert(row >= 0 && size_ <= kFewItems);
  if (const auto found = find_among(row, items)) return *found;
  ++size_;
  return slot;
}

std::optional<std::int32_t> RowSlots::find_among(std::int32_t row, const Items& items) noexcept {
  for (std::int64_t slot = 0; slot < items.present.end(); ++slot) {
    if (items.present[slot].row == row) return static_cast<std::int32_t>(slot);
  }
  for (const SlotRow& coming : items.coming) {
    if (coming.row == row) return static_cast<std::int32_t>(coming.slot);
  }
  return std::nullopt;
}

std::size_t RowSlots::assign(std::span<const std::int32_t> rows) {
  constexpr std::size_t kAhead = 16;
  clear();
  if (rows.size() > kFewItems) entries_ = Entries(std::bit_ceil(2 * rows.size()));
  for (const std::int32_t row : rows) {
    if (entries_.empty()) {
      const auto before = rows.first(size_);
      if (std::ranges::find(before, row) != before.end()) break;
    } else {
      if (size_ + kAhead < rows.size()) fetch(rows[size_ + kAhead]);
      Entry& entry = entries_[index_of(row)];
      if (entry.row >= 0) break;
      entry = {row, static_cast<std::int32_t>(size_)};
    }
    ++size_;
  }
  return size_;
}

std::optional<std::int32_t> RowSlots::find(std::int32_t row, const Items& items) const noexcept {
  if (row < 0) return std::nullopt;
  if (entries_.empty()) return find_among(row, items);
  const Entry& entry = entries_[index_of(row)];
  if (entry.row < 0) return std::nullopt;
  return entry.slot;
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
  return SecretHash()(row) & (entries_.size() - 1);
}

std::size_t RowSlots::index_of(std::int32_t row) const noexcept {
  const std::size_t mask = entries_.size() - 1;
  std::size_t index = home_of(row);
  while (entries_[index].row >= 0 && entries_[index].row != row) index = (index + 1) & mask;
  return index;
}

}  // namespace kleio
