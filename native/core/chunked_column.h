// A column of values in fixed chunks behind shared pointers: copying the column costs a pointer per
// chunk, and a copy never sees what happens to the original afterwards.
//
// Appending writes into the last chunk in place: a copy made earlier is shorter and never reads
// those elements. Changing an existing element copies its chunk first if a copy of the column holds
// it. Elements are addressed by a sequence number that stays theirs when the front is dropped.
#pragma once

#include <algorithm>
#include <bit>
#include <cassert>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <type_traits>
#include <vector>

#include "core/block_memory.h"
#include "core/large_buffer.h"

namespace kleio {

template <typename Value>
class ChunkedColumn {
  static_assert(std::is_trivially_copyable_v<Value>);

 public:
  static constexpr std::int64_t kChunkValues = 4096;

  std::int64_t first() const noexcept { return first_; }
  std::int64_t end() const noexcept { return end_; }
  std::size_t size() const noexcept { return static_cast<std::size_t>(end_ - first_); }

  const Value& operator[](std::int64_t sequence) const noexcept {
    assert(holds(sequence));
    return chunks_[chunk_of(sequence)].values[sequence % kChunkValues];
  }

  Value& writable(std::int64_t sequence) {
    assert(holds(sequence));
    Chunk& chunk = chunks_[chunk_of(sequence)];
    if (chunk.memory.use_count() > 1) resize(chunk, chunk.capacity);
    return chunk.values[sequence % kChunkValues];
  }

  // After it an `append` of so many values cannot throw. The first chunk grows by doubling, the
  // others are whole.
  void reserve(std::size_t count) {
    const std::int64_t end = end_ + static_cast<std::int64_t>(count);
    for (std::int64_t begin = end_; begin < end;) {
      const std::size_t index = chunk_of(begin);
      const std::int64_t chunk_begin = begin - begin % kChunkValues;
      const std::int64_t needed = std::min(end - chunk_begin, kChunkValues);
      if (index == chunks_.size()) chunks_.emplace_back();
      if (chunks_[index].capacity < needed) {
        resize(chunks_[index], index == 0 ? grown_for(needed) : kChunkValues);
      }
      begin = chunk_begin + kChunkValues;
    }
  }

  void append(std::span<const Value> values) {
    reserve(values.size());
    while (!values.empty()) {
      const std::int64_t offset = end_ % kChunkValues;
      const std::size_t count =
          std::min(values.size(), static_cast<std::size_t>(kChunkValues - offset));
      std::copy_n(values.data(), count, chunks_[chunk_of(end_)].values + offset);
      end_ += static_cast<std::int64_t>(count);
      values = values.subspan(count);
    }
  }

  void push_back(const Value& value) { append({&value, 1}); }

  void pop_front() noexcept {
    assert(first_ < end_);
    ++first_;
    if (first_ % kChunkValues == 0) chunks_.erase(chunks_.begin());
  }

  void clear() noexcept { restart(0); }
  // Empty, and the next value has this sequence number.
  void restart(std::int64_t sequence) noexcept {
    chunks_ = BlockVector<Chunk>();
    first_ = end_ = sequence;
  }

  // Copies the values of [begin, end) to `out`.
  void copy_to(Value* out, std::int64_t begin, std::int64_t end) const noexcept {
    while (begin < end) {
      const std::int64_t count = std::min(end - begin, kChunkValues - begin % kChunkValues);
      std::copy_n(&(*this)[begin], count, out);
      out += count;
      begin += count;
    }
  }

  // What it takes. All chunks but the last are written to the end, and of the last the pages behind
  // the last value may never have been.
  std::size_t byte_size() const noexcept {
    if (chunks_.empty()) return block_bytes(chunks_.capacity() * sizeof(Chunk));
    const std::size_t last = chunks_.back().memory->size();
    const std::int64_t begin = (end_ - 1) / kChunkValues * kChunkValues;
    const std::size_t written = static_cast<std::size_t>(end_ - begin) * sizeof(Value);
    return block_bytes(chunks_.capacity() * sizeof(Chunk)) + chunks_.size() * kOwnerBytes +
           (chunks_.size() - 1) * block_bytes(kChunkValues * sizeof(Value)) +
           block_bytes(last <= kPageBytes ? last : written);
  }

 private:
  struct Chunk {
    std::shared_ptr<LargeBuffer> memory;
    Value* values = nullptr;  // what lies there
    std::int64_t capacity = 0;
  };
  // Of the shared pointer's counts and the buffer.
  static constexpr std::size_t kOwnerBytes = kBlockAlignment;

  bool holds(std::int64_t sequence) const noexcept { return sequence >= first_ && sequence < end_; }
  std::size_t chunk_of(std::int64_t sequence) const noexcept {
    return static_cast<std::size_t>(sequence / kChunkValues - first_ / kChunkValues);
  }

  static std::int64_t grown_for(std::int64_t needed) noexcept {
    constexpr auto kMinCapacity = static_cast<std::int64_t>(kBlockAlignment / sizeof(Value));
    return static_cast<std::int64_t>(
        std::bit_ceil(static_cast<std::uint64_t>(std::max(needed, kMinCapacity))));
  }

  // Gives the chunk storage of its own for `capacity` values and copies what it held.
  static void resize(Chunk& chunk, std::int64_t capacity) {
    auto grown = std::allocate_shared<LargeBuffer>(
        BlockAllocator<LargeBuffer>(), static_cast<std::size_t>(capacity) * sizeof(Value));
    auto* const values = reinterpret_cast<Value*>(grown->data());
    std::copy_n(chunk.values, std::min(chunk.capacity, capacity), values);
    chunk = {std::move(grown), values, capacity};
  }

  BlockVector<Chunk> chunks_;
  std::int64_t first_ = 0;
  std::int64_t end_ = 0;
};

}  // namespace kleio
