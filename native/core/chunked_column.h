// A column of values in fixed chunks behind shared pointers: copying the column costs a pointer per
// chunk, and a copy never sees what happens to the original afterwards.
//
// Appending writes into the last chunk in place: a copy made earlier is shorter and never reads
// those elements. Changing an existing element copies its chunk first if a copy of the column holds
// it. Elements are addressed by a sequence number that stays theirs when the front is dropped.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <type_traits>
#include <vector>

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
    return chunks_[chunk_of(sequence)].values.get()[sequence % kChunkValues];
  }

  Value& writable(std::int64_t sequence) {
    Chunk& chunk = chunks_[chunk_of(sequence)];
    if (chunk.values.use_count() > 1) resize(chunk, chunk.capacity);
    return chunk.values.get()[sequence % kChunkValues];
  }

  // After it the next push_back cannot throw.
  void reserve_one() {
    const std::int64_t offset = end_ % kChunkValues;
    if (offset == 0 && !has_chunk_for_end()) chunks_.emplace_back();
    Chunk& last = chunks_.back();
    if (offset >= last.capacity)
      resize(last, std::clamp<std::int64_t>(offset * 2, 16, kChunkValues));
  }

  void push_back(const Value& value) {
    reserve_one();
    chunks_.back().values.get()[end_ % kChunkValues] = value;
    ++end_;
  }

  void pop_front() noexcept {
    ++first_;
    if (first_ % kChunkValues == 0) chunks_.erase(chunks_.begin());
  }

  void clear() noexcept {
    chunks_.clear();
    first_ = end_ = 0;
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

  // All chunks but the last are full.
  std::size_t byte_size() const noexcept {
    if (chunks_.empty()) return 0;
    const std::size_t values = (chunks_.size() - 1) * static_cast<std::size_t>(kChunkValues) +
                               static_cast<std::size_t>(chunks_.back().capacity);
    return values * sizeof(Value) + chunks_.capacity() * sizeof(Chunk);
  }

 private:
  struct Chunk {
    std::shared_ptr<Value[]> values;
    std::int64_t capacity = 0;
  };

  std::size_t chunk_of(std::int64_t sequence) const noexcept {
    return static_cast<std::size_t>(sequence / kChunkValues - first_ / kChunkValues);
  }

  bool has_chunk_for_end() const noexcept { return chunk_of(end_) < chunks_.size(); }

  // Gives the chunk storage of its own for `capacity` values and copies what it held.
  static void resize(Chunk& chunk, std::int64_t capacity) {
    auto grown = std::make_shared_for_overwrite<Value[]>(static_cast<std::size_t>(capacity));
    std::copy_n(chunk.values.get(), std::min(chunk.capacity, capacity), grown.get());
    chunk.values = std::move(grown);
    chunk.capacity = capacity;
  }

  std::vector<Chunk> chunks_;
  std::int64_t first_ = 0;
  std::int64_t end_ = 0;
};

}  // namespace kleio
