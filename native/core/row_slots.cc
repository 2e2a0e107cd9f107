#include "core/row_slots.h"

#include <algorithm>
#include <bit>
#include <cassert>
#include <utility>

#include "core/hash.h"
#include "core/history_snapshot.h"

namespace kleio {

void RowSlots::reserve(std::size_t rows) {
  const std::size_t needed = (size_ + rows) * 2;
  if (needed <= entries_.size()) return;
  constexpr std::size_t kLeast = kBlockAlignment / sizeof(Entry);
  const Entries outgrown =
      std::exchange(entries_, Entries(std::bit_ceil(std::max(needed, kLeast))));
  for (const Entry& entry : outgrown) {
    if (entry.row >= 0) entries_[index_of(entry.row)] = entry;
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

std::optional<std::int32_t> RowSlots::find(std::int32_t row) const noexcept {
  if (row < 0 || entries_.empty()) return std::nullopt;
  const Entry& entry = entries_[index_of(row)];
  if (entry.row < 0) return std::nullopt;
  return entry.slot;
}

void RowSlots::fetch(std::int32_t row) const noexcept {
  if (!entries_.empty()) __builtin_prefetch(&entries_[home_of(row)]);
}

void RowSlots::erase(std::int32_t row) noexcept {
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
  --size_;
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
