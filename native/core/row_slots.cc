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
  if (needed <= places_.size()) return;
  const std::vector<Place> outgrown =
      std::exchange(places_, std::vector<Place>(std::bit_ceil(std::max<std::size_t>(needed, 16))));
  for (const Place& place : outgrown) {
    if (place.row >= 0) places_[place_of(place.row)] = place;
  }
}

std::int32_t RowSlots::find_or_insert(std::int32_t row, std::int32_t slot) noexcept {
  assert(row >= 0 && 2 * size_ < places_.size());
  Place& place = places_[place_of(row)];
  if (place.row < 0) {
    place = {row, slot};
    ++size_;
  }
  return place.slot;
}

void RowSlots::fetch(std::int32_t row) const noexcept {
  if (!places_.empty()) __builtin_prefetch(&places_[home_of(row)]);
}

void RowSlots::erase(std::int32_t row) noexcept {
  // Backward shift instead of tombstones: whatever the freed place kept from its home moves up, so
  // lookups never slow down however many rows come and go.
  const std::size_t mask = places_.size() - 1;
  std::size_t free = place_of(row);
  assert(places_[free].row == row);
  for (std::size_t next = (free + 1) & mask; places_[next].row >= 0; next = (next + 1) & mask) {
    const std::size_t distance_from_home = (next - home_of(places_[next].row)) & mask;
    if (distance_from_home < ((next - free) & mask)) continue;
    places_[free] = places_[next];
    free = next;
  }
  places_[free] = {};
  --size_;
}

void RowSlots::clear() noexcept {
  places_ = {};
  size_ = 0;
}

std::size_t RowSlots::home_of(std::int32_t row) const noexcept {
  return mixed_bits(static_cast<std::uint64_t>(row)) & (places_.size() - 1);
}

std::size_t RowSlots::place_of(std::int32_t row) const noexcept {
  const std::size_t mask = places_.size() - 1;
  std::size_t place = home_of(row);
  while (places_[place].row >= 0 && places_[place].row != row) place = (place + 1) & mask;
  return place;
}

}  // namespace kleio
