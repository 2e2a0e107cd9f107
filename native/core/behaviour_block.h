// Behaviours on their way into a history: enough of them that their cache misses overlap, few
// enough that they stay in the nearest cache from one step to the next.
#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <span>

#include "core/slot_store.h"

namespace kleio {

struct BehaviourBlock {
  static constexpr std::size_t kMaxCount = 256;
  template <typename Value>
  using Each = std::array<Value, kMaxCount>;

  // What is filled of an array that has one value for each behaviour.
  template <typename Value>
  std::span<Value> present(Each<Value>& values) const noexcept {
    return std::span(values).first(count);
  }

  // Behaviours that came with an id which the table does not know.
  std::size_t unknown_count() const noexcept {
    return static_cast<std::size_t>(std::count_if(rows.begin(), rows.begin() + ids.size(),
                                                  [](std::int32_t row) { return row < 0; }));
  }

  std::size_t count = 0;
  std::span<const std::int64_t> ids;  // one for each behaviour, or empty; as the next two
  std::span<const std::int64_t> categories;
  std::span<const double> times;
  Each<std::int32_t> rows;           // of the table; -1: none
  Each<std::int32_t> item_rows;      // of a ranker's embeddings, in its histories only
  Each<std::int32_t> category_rows;  // likewise
  Each<std::int32_t> slots;          // of the items; kNoSlot: none
  Each<std::uint32_t> steps_back;    // to the previous behaviour of the same slot; 0: none

  Each<SlotRow> new_items;  // that the history did not have, in the order of their coming
  std::size_t new_item_count = 0;
  Each<std::uint32_t> repeated;  // slots of items that it had
  std::size_t repeated_count = 0;
};

}  // namespace kleio
