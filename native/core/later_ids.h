// From 64-bit ids that come one by one to rows: an open-addressing hash table whose place a larger
// one takes when it is half full.
//
// No append waits for all ids to move: the larger table is empty at first, whoever looks for an id
// looks in both, and each id that comes moves some along. One thread at a time writes, any thread
// reads without waiting: it finds an id with its row, or not at all. Tables that were replaced
// stay, for who still reads them: together they are smaller than the present one.
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>

#include "core/large_buffer.h"

namespace kleio {

class LaterIds {
 public:
  // -1 where unknown.
  std::int32_t row_of(std::int64_t id) const noexcept;
  // The row of each id whose place holds -1.
  void fill_missing(std::span<const std::int64_t> ids, std::span<std::int32_t> rows) const noexcept;
  bool empty() const noexcept { return present_.load(std::memory_order_acquire) == nullptr; }

  // Makes room for `count` more ids. Throws std::bad_alloc.
  void reserve(std::size_t count);
  std::size_t byte_size() const noexcept { return bytes_.load(std::memory_order_relaxed); }
  // `id` leads to `row` from now on. There is room for it.
  void set(std::int64_t id, std::int32_t row) noexcept;

 private:
  // A power of two of entries, each of which once it is taken keeps its id.
  class Board {
   public:
    // `before`: the board with all ids so far; nullptr: there are none.
    Board(std::size_t count, const Board* before);
    std::size_t count() const noexcept { return buffer_.size() / sizeof(Entry); }
    std::size_t byte_size() const noexcept { return buffer_.byte_size(); }
    // The board that is to be looked at behind this one. Asked for before this one is looked at:
    // once there is none any more, all of its ids are here.
    const Board* before() const noexcept { return before_.load(std::memory_order_acquire); }

    std::int32_t row_of(std::int64_t id) const noexcept { return find(id, home_of(id)); }
    void fill_missing(std::span<const std::int64_t> ids,
                      std::span<std::int32_t> rows) const noexcept;
    void set(std::int64_t id, std::int32_t row) noexcept;
    // Looks at the next `count` entries of the board before for ids that are not here yet.
    void bring(std::size_t count) noexcept;

   private:
    // Of zeros while it is free, so that memory nobody has written to will do.
    struct Entry {
      std::int64_t id;
      std::int32_t row_and_1;  // written after the id; a reference of atomics reads and writes it
    };

    Entry* entries() const noexcept;
    std::int32_t row_at(std::size_t index) const noexcept;
    std::size_t home_of(std::int64_t id) const noexcept;
    std::int32_t find(std::int64_t id, std::size_t index) const noexcept;

    LargeBuffer buffer_;
    std::atomic<const Board*> before_;
    std::size_t brought_ = 0;  // entries of the board before
  };

  std::atomic<const Board*> present_{nullptr};
  BlockVector<std::unique_ptr<Board>> boards_;  // the last one is present
  std::size_t used_ = 0;
  std::atomic<std::size_t> bytes_{0};
};

}  // namespace kleio
