// What a backend keeps of a history's distinct items: one slot an item, in the form its scan reads.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include "core/error.h"

namespace kleio {

struct CallContext;

// An immutable view of a store, which only the backend that made it can read: a view derives from
// SlotViewOf<itself>, and is taken for nothing else.
class SlotView {
 public:
  virtual ~SlotView() = default;

  // Throws kInternal for a view of another backend.
  template <typename View>
  const View& as() const {
    if (maker_ != &kMaker<View>) throw Error(ErrorCode::kInternal, "a history of another backend");
    return static_cast<const View&>(*this);
  }

  // Bytes of so many items in the form that the scan reads, as `write_items` writes those of
  // `slots`, one behind the other; 0: none of it lies on the host.
  virtual std::size_t items_bytes(std::size_t) const noexcept { return 0; }
  virtual void write_items(std::span<const std::uint32_t>, std::span<std::byte>,
                           const CallContext&) const {}

 private:
  template <typename View>
  friend class SlotViewOf;
  // Its address tells one class of views from the others.
  template <typename View>
  static constexpr char kMaker = 0;

  explicit SlotView(const char* maker) noexcept : maker_(maker) {}

  const char* maker_;
};

template <typename View>
class SlotViewOf : public SlotView {
 protected:
  SlotViewOf() noexcept : SlotView(&kMaker<View>) {}
};

// An item that gets a slot.
struct SlotRow {
  std::uint32_t slot = 0;
  std::int32_t row = 0;  // of the table
};

// Written by the history's own thread. Views that were taken earlier never change.
class SlotStore {
 public:
  virtual ~SlotStore() = default;

  // Puts the embedding of each item's row into its slot; slots that are new come in order and leave
  // no gap. If it throws, no slot has changed.
  virtual void assign(std::span<const SlotRow> items) = 0;
  void assign(std::uint32_t slot, std::int32_t row) {
    const SlotRow item = {slot, row};
    assign({&item, 1});
  }
  // Before `adopt_items` of so many: where the first of their bytes go, run by run, so that they
  // arrive where they stay. Throws std::bad_alloc.
  virtual std::vector<std::span<std::byte>> make_room(std::size_t) { return {}; }
  // Fills an empty store: slots from 0 on, with what a view's `write_items` wrote of as many; of
  // `items`, what went into the room is not read. False: it keeps no such form, and the items are
  // to be assigned. Throws kFormat for what no item has.
  virtual bool adopt_items(std::size_t, std::span<const std::byte>, const CallContext&) {
    return false;
  }
  // The items of `slots` have a more recent behaviour than before.
  virtual void touch(std::span<const std::uint32_t> slots) noexcept = 0;
  // Empties a slot: no search finds it until it is assigned again.
  virtual void free_slot(std::uint32_t slot) = 0;
  // Afterwards freeing the slot cannot throw, as long as no view is taken.
  virtual void unshare(std::uint32_t slot) = 0;
  // Columns of the history that only grow are about to change where they are: what was made of them
  // is of no use to later views.
  virtual void forget_columns() = 0;
  virtual void clear() = 0;
  virtual std::shared_ptr<const SlotView> view() = 0;
  virtual std::size_t byte_size() const noexcept = 0;
};

}  // namespace kleio
