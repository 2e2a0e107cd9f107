// A history out of bytes that arrive a part at a time.
#pragma once

#include <cstddef>
#include <optional>
#include <span>
#include <utility>

#include "core/call_context.h"
#include "core/history.h"
#include "core/history_bytes.h"
#include "core/history_intake.h"

namespace kleio {

// Whatever the bytes are, it takes time and memory linear in their number.
class HistoryReading {
 public:
  // `own`: memory for them, at a multiple of 8, which outlives this.
  HistoryReading(HistoryGround ground, std::span<std::byte> own) noexcept
      : ground_(std::move(ground)), intake_(own) {}

  // As HistoryIntake::take.
  bool take(std::span<const std::byte> from) { return intake_.take(from, ground_); }
  bool is_whole() const noexcept { return intake_.is_whole(); }

  // Whether `link` may begin, which goes on beside `take`, on another thread: the behaviours of
  // packed bytes are there, and items are to come.
  bool can_link() const noexcept { return intake_.lacks_items_alone(); }
  // Throws kFormat, kArgument (bytes of another table or model), kAborted, std::bad_alloc.
  void link(const CallContext& context);

  // Once everything is there, and what `link` has begun is over; `capacity`: in place of its own.
  // Throws as `link`, and kOutOfMemory.
  History read(std::optional<std::size_t> capacity, const CallContext& context);

 private:
  HistoryGround ground_;
  HistoryIntake intake_;
  std::optional<HistoryParts> linked_;
};

}  // namespace kleio
