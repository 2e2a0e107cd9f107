// From 64-bit ids that come one by one to rows: an open-addressing hash table that is replaced by a
// larger one when it is half full.
//
// One thread at a time writes, any thread reads without waiting: it finds an id with its row, or
// not at all. Tables that were replaced stay, for who still reads them: together they are smaller
// than the present one.
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
  struct Entry {
    std::atomic<std::int64_t> id{0};
    std::atomic<std::int32_t> row{-1};  // -1: free; written after the id
  };
  // A power of two of entries.
  class Board {
   public:
    explicit Board(std::size_t count);
    std::size_t count() const noexcept { return buffer_.size() / sizeof(Entry); }
    std::size_t byte_size() const noexcept { return buffer_.byte_size(); }
    std::size_t home_of(std::int64_t id) const noexcept;
    const Entry& at(std::size_t index) const noexcept { return entries_[index]; }
    std::int32_t find(std::int64_t id, std::size_t index) const noexcept;
    void set(std::int64_t id, std::int32_t row) noexcept;

   private:
    LargeBuffer buffer_;
    Entry* entries_;
  };

  std::atomic<const Board*> present_{nullptr};
  BlockVector<std::unique_ptr<Board>> boards_;  // the last one is present
  std::size_t used_ = 0;
  std::atomic<std::size_t> bytes_{0};
};

}  // namespace kleio
