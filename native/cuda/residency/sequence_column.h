// A column of a history by sequence number, on a device: values never change once appended, so one
// copy serves every version of the history, and an append sends what is new.
#pragma once

#include <algorithm>
#include <cassert>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>

#include "core/chunked_column.h"
#include "cuda/device/device_context.h"

namespace kleio::cuda {

template <typename Value>
class SequenceColumn {
 public:
  // The column of one version: its value at position p is first[p]. Aligned as a Value.
  struct Lent {
    std::shared_ptr<const DeviceBuffer> memory;
    const Value* first = nullptr;
  };

  // Puts what is missing of `column` on the stream. Throws kOutOfMemory, kDevice,
  // kDeviceLost.
  Lent bring(const ChunkedColumn<Value>& column, DeviceContext& context, RequestStream& stream) {
    if (!covers(column)) {
      SequenceColumn fresh = starting_with(column, stream);
      fresh.append(column, context, stream);
      if (memory_ && column.end() < end_) return fresh.lend(column);  // of an older version
      *this = std::move(fresh);
    }
    append(column, context, stream);
    return lend(column);
  }

  std::size_t byte_size() const noexcept { return memory_ ? memory_->size() : 0; }
  void drop() noexcept { *this = {}; }

 private:
  // Room for half as much again, before the column starts afresh where its front has come to.
  static SequenceColumn starting_with(const ChunkedColumn<Value>& column, RequestStream& stream) {
    constexpr std::size_t kMinCapacity = 1024;
    const std::size_t capacity = std::max(column.size() + column.size() / 2, kMinCapacity);
    SequenceColumn fresh;
    fresh.memory_ = stream.allocate(capacity * sizeof(Value));
    fresh.base_ = fresh.end_ = column.first();
    return fresh;
  }

  bool covers(const ChunkedColumn<Value>& column) const noexcept {
    if (!memory_ || column.first() < base_ || column.first() > end_) return false;
    return static_cast<std::size_t>(column.end() - base_) <= memory_->size() / sizeof(Value);
  }

  void append(const ChunkedColumn<Value>& column, DeviceContext& context, RequestStream& stream) {
    assert(covers(column));
    if (column.end() <= end_) return;
    const std::size_t bytes = static_cast<std::size_t>(column.end() - end_) * sizeof(Value);
    stream.ring().send(place(end_), bytes, [&](std::size_t offset, std::span<std::byte> piece) {
      const std::int64_t begin = end_ + static_cast<std::int64_t>(offset / sizeof(Value));
      column.copy_to(reinterpret_cast<Value*>(piece.data()), begin,
                     begin + static_cast<std::int64_t>(piece.size() / sizeof(Value)));
    });
    context.counters.uploaded_bytes += bytes;
    end_ = column.end();
  }

  Value* place(std::int64_t sequence) const noexcept {
    return reinterpret_cast<Value*>(memory_->data()) + (sequence - base_);
  }
  Lent lend(const ChunkedColumn<Value>& column) const noexcept {
    return {memory_, place(column.first())};
  }

  std::shared_ptr<DeviceBuffer> memory_;
  std::int64_t base_ = 0;  // the sequence number where the memory begins
  std::int64_t end_ = 0;   // and where what has been sent ends
};

}  // namespace kleio::cuda
