#include "core/later_rows.h"

#include <algorithm>

#include "core/block_memory.h"

namespace kleio {
namespace {

// Of the first block: what is not written to takes no memory, but a table that grows by one row
// should not take much.
constexpr std::size_t kFirstBytes = std::size_t{16} << 10;

}  // namespace

LaterRows::LaterRows(std::size_t row_bytes) noexcept
    : row_bytes_(row_bytes),
      first_shift_(static_cast<std::size_t>(
                       std::bit_width(std::max(kFirstBytes / row_bytes, std::size_t{1}))) -
                   1) {}

LaterRows::~LaterRows() {
  for (std::size_t block = 0; block < held_; ++block) {
    give_back_block(blocks_[block], bytes_of(block));
  }
}

std::size_t LaterRows::side_by_side(std::size_t index, std::size_t count) const noexcept {
  return std::min(count, start_of(block_of(index) + 1) - index);
}

void LaterRows::reserve(std::size_t rows) {
  for (; start_of(held_) < rows; ++held_) {
    blocks_[held_] = take_block(bytes_of(held_));
  }
}

std::size_t LaterRows::byte_size(std::size_t rows) const noexcept {
  std::size_t bytes = 0;
  for (std::size_t block = 0; start_of(block) < rows; ++block) {
    bytes += block_bytes((std::min(rows, start_of(block + 1)) - start_of(block)) * row_bytes_);
  }
  return bytes;
}

}  // namespace kleio
