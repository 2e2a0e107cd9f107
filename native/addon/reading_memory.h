// Memory for copies of JavaScript's arrays that jobs read, kept for the next ones.
#pragma once

#include <cstddef>
#include <span>

#include "core/large_buffer.h"
#include "core/lease_pool.h"

namespace kleio::addon {

class ReadingMemory {
 public:
  // What was there is lost. Throws std::bad_alloc.
  std::span<std::byte> require(std::size_t bytes) {
    if (bytes > buffer_.size()) {
      buffer_ = LargeBuffer();
      buffer_ = LargeBuffer(bytes);
    }
    return {buffer_.data(), bytes};
  }
  std::size_t retained_bytes() const noexcept { return buffer_.byte_size(); }

 private:
  LargeBuffer buffer_;
};

using ReadingMemoryPool = LeasePool<ReadingMemory>;

}  // namespace kleio::addon
