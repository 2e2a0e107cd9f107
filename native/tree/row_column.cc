#include "tree/row_column.h"

#include <algorithm>
#include <bit>
#include <cassert>
#include <cstring>

namespace kleio {

RowColumn::RowColumn(const std::byte* rows, std::size_t count, std::size_t row_bytes,
                     const std::shared_ptr<const void>& owner)
    : row_bytes_(row_bytes), size_(count) {
  // Never written through: a chunk without capacity is copied first.
  auto* first = const_cast<std::byte*>(rows);
  for (std::size_t begin = 0; begin < count; begin += kChunkRows) {
    const auto holder = std::const_pointer_cast<void>(owner);
    chunks_.push_back({std::shared_ptr<std::byte>(holder, first + begin * row_bytes), 0});
  }
}

std::size_t RowColumn::byte_size() const noexcept {
  std::size_t bytes = block_bytes(chunks_.capacity() * sizeof(Chunk));
  for (std::size_t i = 0; i < chunks_.size(); ++i) {
    const std::size_t capacity = chunks_[i].capacity;
    bytes += capacity > 0 ? block_bytes(capacity * row_bytes_)
                          : std::min(kChunkRows, size_ - i * kChunkRows) * row_bytes_;
  }
  return bytes;
}

std::byte* RowColumn::writable(std::size_t index) {
  assert(index < size_);
  Chunk& chunk = chunks_[index / kChunkRows];
  if (chunk.capacity == 0 || chunk.rows.use_count() > 1) {
    const std::size_t held = std::min(kChunkRows, size_ - index / kChunkRows * kChunkRows);
    resize(chunk, held, std::max(chunk.capacity, held));
  }
  return chunk.rows.get() + index % kChunkRows * row_bytes_;
}

void RowColumn::extend(std::size_t count) {
  const std::size_t wanted = size_ + count;
  while (size_ < wanted) {
    const std::size_t held = size_ % kChunkRows;
    if (held == 0) chunks_.emplace_back();
    Chunk& last = chunks_.back();
    const std::size_t needed = std::min(kChunkRows, held + wanted - size_);
    // A copy that shares the chunk is shorter and never reads the rows behind its own.
    if (needed > last.capacity) resize(last, held, std::bit_ceil(needed));
    size_ += needed - held;
  }
}

// Gives the chunk storage of its own and copies the rows it held.
void RowColumn::resize(Chunk& chunk, std::size_t held, std::size_t capacity) const {
  const auto grown =
      std::allocate_shared<LargeBuffer>(BlockAllocator<LargeBuffer>(), capacity * row_bytes_);
  if (held > 0) std::memcpy(grown->data(), chunk.rows.get(), held * row_bytes_);
  chunk = {std::shared_ptr<std::byte>(grown, grown->data()), capacity};
}

}  // namespace kleio
