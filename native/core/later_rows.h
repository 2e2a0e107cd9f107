// Rows of equal size that come one after the other, at addresses that never change: in blocks, each
// twice as large as the one before.
//
// One thread at a time makes room and writes; any thread reads rows of which it has heard, through
// whatever told it, that they are written.
#pragma once

#include <array>
#include <bit>
#include <cassert>
#include <cstddef>

namespace kleio {

class LaterRows {
 public:
  explicit LaterRows(std::size_t row_bytes) noexcept;
  ~LaterRows();
  LaterRows(const LaterRows&) = delete;
  LaterRows& operator=(const LaterRows&) = delete;

  const std::byte* row(std::size_t index) const noexcept { return place(index); }
  std::byte* writable(std::size_t index) noexcept { return place(index); }
  // Rows from `index` on that lie side by side, at most `count`.
  std::size_t side_by_side(std::size_t index, std::size_t count) const noexcept;

  // Makes room for rows 0 .. rows - 1. Throws std::bad_alloc; room made so far stays.
  void reserve(std::size_t rows);
  // What `rows` rows take: of the last block the pages behind them were never written.
  std::size_t byte_size(std::size_t rows) const noexcept;

 private:
  // Rows are int32 numbers, and the first block has at least one.
  static constexpr std::size_t kMaxBlocks = 32;

  std::size_t block_of(std::size_t index) const noexcept {
    return static_cast<std::size_t>(std::bit_width((index >> first_shift_) + 1)) - 1;
  }
  // The first row of a block.
  std::size_t start_of(std::size_t block) const noexcept {
    return ((std::size_t{1} << block) - 1) << first_shift_;
  }
  std::size_t bytes_of(std::size_t block) const noexcept {
    return (start_of(block + 1) - start_of(block)) * row_bytes_;
  }
  std::byte* place(std::size_t index) const noexcept {
    const std::size_t block = block_of(index);
    assert(blocks_[block] != nullptr);
    return blocks_[block] + (index - start_of(block)) * row_bytes_;
  }

  std::size_t row_bytes_;
  std::size_t first_shift_;  // the first block has 2^first_shift_ rows
  std::size_t held_ = 0;     // blocks; of whoever writes
  std::array<std::byte*, kMaxBlocks> blocks_{};
};

}  // namespace kleio
