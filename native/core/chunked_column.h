// A column of values in fixed chunks behind shared pointers: copying the column costs a pointer per
// chunk, and a copy never sees what happens to the original afterwards.
//
// Appending writes into the last chunk in place: a copy made earlier is shorter and never reads
// those elements. Changing an existing element copies its chunk first if a copy of the column holds
// it. Elements are addressed by a sequence number that stays theirs when the front is dropped.
//
// A column is a pointer to its spine, one block with everything that it knows; a column that was
// never written has none. Where values are few they lie on the spine itself, those alone that are
// not dropped, and a copy of the column copies them: very many columns are short.
#pragma once

#include <algorithm>
#include <bit>
#include <cassert>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <memory>
#include <span>
#include <type_traits>
#include <utility>

#include "core/block_memory.h"
#include "core/large_buffer.h"

namespace kleio {

template <typename Value>
class ChunkedColumn {
  static_assert(std::is_trivially_copyable_v<Value>);

 public:
  static constexpr std::int64_t kChunkValues = 4096;

  ChunkedColumn() noexcept = default;
  ChunkedColumn(const ChunkedColumn& other) : spine_(copy_of(*other.spine_)) {}
  ChunkedColumn(ChunkedColumn&& other) noexcept : spine_(std::exchange(other.spine_, nothing())) {}
  ChunkedColumn& operator=(ChunkedColumn other) noexcept {
    std::swap(spine_, other.spine_);
    return *this;
  }
  ~ChunkedColumn() { give_back(spine_); }

  std::int64_t first() const noexcept { return spine_->first; }
  std::int64_t end() const noexcept { return spine_->end; }
  std::size_t size() const noexcept { return static_cast<std::size_t>(end() - first()); }

  const Value& operator[](std::int64_t sequence) const noexcept {
    assert(holds(sequence));
    return *chunk_of(sequence).at(sequence);
  }

  Value& writable(std::int64_t sequence) {
    assert(holds(sequence));
    Chunk& chunk = chunk_of(sequence);
    if (chunk.memory.use_count() > 1) {
      chunk = Chunk::copy(chunk, begin_of_chunk(sequence), chunk.capacity(), chunk.capacity());
    }
    return *chunk.at(sequence);
  }

  // After it an `append` of so many values cannot throw. Where there are more than a few the first
  // chunk grows by doubling, and the others are whole.
  void reserve(std::size_t count) {
    const std::int64_t end = this->end() + static_cast<std::int64_t>(count);
    if (!spine_->is_short()) {
      reserve_chunks(end);
    } else if (end > spine_->short_end()) {
      outgrow(end);
    }
  }

  void append(std::span<const Value> values) {
    reserve(values.size());
    while (!values.empty()) {
      const std::size_t count = std::min(values.size(), run_from(end()));
      std::copy_n(values.data(), count, chunk_of(end()).at(end()));
      spine_->end += static_cast<std::int64_t>(count);
      values = values.subspan(count);
    }
  }

  void push_back(const Value& value) { append({&value, 1}); }

  void pop_front() noexcept {
    assert(first() < end());
    ++spine_->first;
    if (spine_->is_short() || spine_->first % kChunkValues != 0) return;
    Chunk* const chunks = spine_->chunks();
    std::move(chunks + 1, chunks + spine_->count, chunks);
    std::destroy_at(chunks + --spine_->count);
  }

  void clear() noexcept { give_back(std::exchange(spine_, nothing())); }
  // Empty, and the next value has this sequence number.
  void restart(std::int64_t sequence) {
    Spine empty = {.first = sequence, .end = sequence};
    give_back(std::exchange(spine_, sequence == 0 ? nothing() : make_short(empty, 0)));
  }

  // Copies the values of [begin, end) to `out`.
  void copy_to(Value* out, std::int64_t begin, std::int64_t end) const noexcept {
    while (begin < end) {
      const std::size_t count = std::min(static_cast<std::size_t>(end - begin), run_from(begin));
      out = std::copy_n(&(*this)[begin], count, out);
      begin += static_cast<std::int64_t>(count);
    }
  }

  // What it takes. All chunks but the last are written to the end, and of the last the pages behind
  // the last value may never have been.
  std::size_t byte_size() const noexcept {
    const std::size_t spine = block_bytes(spine_->bytes);
    if (spine_->count == 0 || spine_->is_short()) return spine;
    const std::size_t last = spine_->chunks()[spine_->count - 1].memory->size();
    const std::int64_t begin = (end() - 1) / kChunkValues * kChunkValues;
    const std::size_t written = static_cast<std::size_t>(end() - begin) * sizeof(Value);
    return spine + spine_->count * kOwnerBytes +
           (spine_->count - 1) * block_bytes(kChunkValues * sizeof(Value)) +
           block_bytes(last <= kPageBytes ? last : written);
  }

 private:
  static constexpr int kChunkShift = std::countr_zero(static_cast<std::uint64_t>(kChunkValues));
  // Of a spine with values: all of them have the chunk number 0.
  static constexpr int kShortShift = 63;

  struct Chunk {
    std::shared_ptr<LargeBuffer> memory;  // nullptr: the values lie on the spine
    std::uintptr_t origin = 0;            // where the value with sequence number 0 would lie

    static Chunk at(std::shared_ptr<LargeBuffer> memory, const Value* values, std::int64_t begin) {
      return {std::move(memory), reinterpret_cast<std::uintptr_t>(values) -
                                     static_cast<std::uintptr_t>(begin) * sizeof(Value)};
    }
    // Uninitialised.
    static Chunk make(std::int64_t begin, std::int64_t capacity) {
      auto memory = std::allocate_shared<LargeBuffer>(
          BlockAllocator<LargeBuffer>(), static_cast<std::size_t>(capacity) * sizeof(Value));
      const auto* const values = reinterpret_cast<const Value*>(memory->data());
      return at(std::move(memory), values, begin);
    }
    // The first `count` values of `chunk`, which begins at `begin`.
    static Chunk copy(const Chunk& chunk, std::int64_t begin, std::int64_t count,
                      std::int64_t capacity) {
      Chunk made = make(begin, capacity);
      std::copy_n(chunk.at(begin), count, made.at(begin));
      return made;
    }
    Value* at(std::int64_t sequence) const noexcept {
      return reinterpret_cast<Value*>(origin +
                                      static_cast<std::uintptr_t>(sequence) * sizeof(Value));
    }
    std::int64_t capacity() const noexcept {
      return static_cast<std::int64_t>(memory->size() / sizeof(Value));
    }
  };

  // What a block begins with; chunks follow, or one of them and the values.
  struct Spine {
    std::int64_t first = 0;
    std::int64_t end = 0;
    std::uint32_t bytes = 0;                // of the block
    std::uint32_t count : 24 = 0;           // chunks
    std::uint32_t shift : 8 = kShortShift;  // from a sequence number to that of its chunk

    bool is_short() const noexcept { return shift == kShortShift; }
    Chunk* chunks() noexcept { return reinterpret_cast<Chunk*>(this + 1); }
    std::size_t room() const noexcept { return (bytes - sizeof(Spine)) / sizeof(Chunk); }
    // Of a short one.
    Value* values() noexcept {
      return reinterpret_cast<Value*>(reinterpret_cast<std::byte*>(this) + kValuesOffset);
    }
    std::int64_t short_end() noexcept {
      if (bytes == 0) return 0;
      const std::uintptr_t end = reinterpret_cast<std::uintptr_t>(this) + bytes;
      return static_cast<std::int64_t>((end - chunks()->origin) / sizeof(Value));
    }
  };
  static constexpr std::size_t kValuesOffset = sizeof(Spine) + sizeof(Chunk);
  static_assert(kValuesOffset % alignof(Value) == 0 && sizeof(Spine) % alignof(Chunk) == 0);
  // Of a short spine: copying it costs about as much as sharing a chunk.
  static constexpr std::size_t kMaxShortBytes = kPageBytes;
  // Of the shared pointer's counts and the buffer.
  static constexpr std::size_t kOwnerBytes = kBlockAlignment;

  // The spine of all columns without one, which nobody writes.
  static Spine* nothing() noexcept {
    static constexpr Spine kEmpty;
    return const_cast<Spine*>(&kEmpty);
  }

  // A block for `bytes`, and what blocks of its size have besides.
  static Spine* make_spine(std::size_t bytes, std::int64_t first, std::int64_t end) {
    const std::size_t taken = block_bytes(bytes);
    return std::construct_at(
        reinterpret_cast<Spine*>(take_block(taken)),
        Spine{.first = first, .end = end, .bytes = static_cast<std::uint32_t>(taken)});
  }
  // One with the values of a short spine, and room for `capacity`.
  static Spine* make_short(Spine& spine, std::int64_t capacity) {
    const std::size_t bytes = static_cast<std::size_t>(capacity) * sizeof(Value);
    Spine* const made = make_spine(kValuesOffset + bytes, spine.first, spine.end);
    std::construct_at(made->chunks(), Chunk::at(nullptr, made->values(), made->first));
    made->count = 1;
    if (spine.first < spine.end) {
      std::copy_n(spine.chunks()->at(spine.first), spine.end - spine.first, made->values());
    }
    return made;
  }
  // One with the chunks of a long spine, and room for more.
  static Spine* make_long(Spine& spine, std::size_t room) {
    const std::size_t bytes = sizeof(Spine) + std::max<std::size_t>(room, 1) * sizeof(Chunk);
    Spine* const made = make_spine(bytes, spine.first, spine.end);
    made->shift = kChunkShift;
    if (spine.is_short()) return made;
    std::uninitialized_copy_n(spine.chunks(), spine.count, made->chunks());
    made->count = spine.count;
    return made;
  }
  static Spine* copy_of(Spine& spine) {
    if (spine.bytes == 0) return nothing();
    return spine.is_short() ? make_short(spine, spine.end - spine.first)
                            : make_long(spine, spine.count);
  }
  static void give_back(Spine* spine) noexcept {
    if (spine->bytes == 0) return;
    std::destroy_n(spine->chunks(), std::size_t{spine->count});
    give_back_block(spine, spine->bytes);
  }

  bool holds(std::int64_t sequence) const noexcept {
    return sequence >= first() && sequence < end();
  }
  Chunk& chunk_of(std::int64_t sequence) const noexcept {
    const int shift = spine_->shift;
    return spine_->chunks()[(sequence >> shift) - (spine_->first >> shift)];
  }
  static std::int64_t begin_of_chunk(std::int64_t sequence) noexcept {
    return sequence - sequence % kChunkValues;
  }
  // Values that lie beside each other from there on, present or reserved.
  std::size_t run_from(std::int64_t sequence) const noexcept {
    return spine_->is_short() ? std::numeric_limits<std::size_t>::max()
                              : static_cast<std::size_t>(kChunkValues - sequence % kChunkValues);
  }

  // Makes a short column ready for values before `end`.
  void outgrow(std::int64_t end) {
    const std::int64_t needed = end - first();
    if (kValuesOffset + static_cast<std::size_t>(needed) * sizeof(Value) <= kMaxShortBytes) {
      give_back(std::exchange(spine_, make_short(*spine_, needed)));
      return;
    }
    ChunkedColumn chunked;
    chunked.spine_ = make_long(*spine_, 1);
    chunked.spine_->end = first();
    chunked.reserve_chunks(end);
    if (size() > 0) chunked.append({spine_->chunks()->at(first()), size()});
    std::swap(spine_, chunked.spine_);
  }

  void reserve_chunks(std::int64_t end) {
    for (std::int64_t from = this->end(); from < end;) {
      const std::int64_t begin = begin_of_chunk(from);
      const std::int64_t needed = std::min(end - begin, kChunkValues);
      const std::size_t index =
          static_cast<std::size_t>((from >> kChunkShift) - (first() >> kChunkShift));
      const std::int64_t held = index < spine_->count ? spine_->chunks()[index].capacity() : 0;
      if (held < needed) {
        make_chunk(index, begin, held, index == 0 ? grown_for(needed) : kChunkValues);
      }
      from = begin + kChunkValues;
    }
  }

  // The chunk with number `index`, which has the first `held` values, or is to come.
  void make_chunk(std::size_t index, std::int64_t begin, std::int64_t held, std::int64_t capacity) {
    if (index < spine_->count) {
      Chunk& chunk = spine_->chunks()[index];
      chunk = Chunk::copy(chunk, begin, held, capacity);
      return;
    }
    Chunk chunk = Chunk::make(begin, capacity);
    if (index == spine_->room()) {
      give_back(std::exchange(spine_, make_long(*spine_, 2 * index)));
    }
    std::construct_at(spine_->chunks() + index, std::move(chunk));
    ++spine_->count;
  }

  static std::int64_t grown_for(std::int64_t needed) noexcept {
    return static_cast<std::int64_t>(std::bit_ceil(static_cast<std::uint64_t>(needed)));
  }

  Spine* spine_ = nothing();
};

}  // namespace kleio
