// What a backend keeps of a history's distinct items: one slot an item, in the form its scan reads.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>

namespace kleio {

// An immutable view of a store, which only the backend that made it can read.
class SlotView {
 public:
  virtual ~SlotView() = default;
};

// Written by the history's own thread. Views that were taken earlier never change.
class SlotStore {
 public:
  virtual ~SlotStore() = default;

  // Puts the embedding of the table's `row` into `slot`; slot == the number of slots so far
  // appends.
  virtual void assign(std::uint32_t slot, std::int32_t row) = 0;
  // The item of `slot` has a more recent behaviour than before.
  virtual void touch(std::uint32_t slot) noexcept = 0;
  // Empties a slot: no search finds it until it is assigned again.
  virtual void release(std::uint32_t slot) = 0;
  virtual void clear() = 0;
  virtual std::shared_ptr<const SlotView> view() = 0;
  virtual std::size_t byte_size() const noexcept = 0;
};

}  // namespace kleio
