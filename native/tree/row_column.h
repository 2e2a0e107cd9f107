// Rows of equal size in chunks behind shared pointers: copying the column costs a pointer per 256
// rows, and a copy never sees what happens to the original afterwards.
//
// What is shared, with a copy or another owner, is copied before it is written.
#pragma once

#include <cassert>
#include <cstddef>
#include <memory>
#include <vector>

#include "core/large_buffer.h"

namespace kleio {

class RowColumn {
 public:
  explicit RowColumn(std::size_t row_bytes = 0) : row_bytes_(row_bytes) {}
  // `rows` that `owner` keeps alive and nobody changes.
  RowColumn(const std::byte* rows, std::size_t count, std::size_t row_bytes,
            const std::shared_ptr<const void>& owner);

  std::size_t size() const noexcept { return size_; }
  std::size_t row_bytes() const noexcept { return row_bytes_; }
  // Bytes of its rows, shared or not.
  std::size_t byte_size() const noexcept;

  const std::byte* row(std::size_t index) const noexcept {
    assert(index < size_);
    return chunks_[index / kChunkRows].rows.get() + index % kChunkRows * row_bytes_;
  }
  // Several threads may write at once where no copy shares the rows, as while a tree is built.
  std::byte* writable(std::size_t index);
  // Adds rows of unspecified content.
  void extend(std::size_t count);

 private:
  static constexpr std::size_t kChunkRows = 256;

  struct Chunk {
    std::shared_ptr<std::byte> rows;
    std::size_t capacity = 0;  // rows of our own; 0: somebody else's
  };
  void resize(Chunk& chunk, std::size_t held, std::size_t capacity) const;

  std::size_t row_bytes_;
  std::size_t size_ = 0;
  BlockVector<Chunk> chunks_;
};

}  // namespace kleio
