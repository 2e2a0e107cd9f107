// Bytes of a history on their way in: copied, a part at a time, out of memory whose owner may write
// to it or take it away in between, with the checksums of what arrived. Packed items go where the
// history will have them.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <vector>

#include "core/history_sections.h"
#include "core/slot_store.h"

namespace kleio {

class HistoryIntake {
 public:
  // `own`: memory for them, at a multiple of 8, which outlives this.
  explicit HistoryIntake(std::span<std::byte> own) noexcept : own_(own) {}

  // Copies the next part of `from`, which is as long as `own`. True once everything is there as it
  // was written; what does not begin as bytes of a history over the ground is refused before the
  // rest is copied. Afterwards there is nothing to take. Throws kFormat, kArgument, std::bad_alloc.
  bool take(std::span<const std::byte> from, const HistoryGround& ground);

  bool is_whole() const noexcept { return is_whole_; }
  // Whether all is there but the last section, of packed items.
  bool lacks_items_alone() const noexcept;
  // Of those that are there. Another thread may read them while more is taken.
  HistorySections& sections() noexcept { return *sections_; }
  // Of packed bytes: has room, for the items to arrive in. Once.
  std::unique_ptr<SlotStore> take_store() noexcept { return std::move(store_); }

 private:
  // Bytes from `begin` on, and where they go.
  struct Run {
    std::size_t begin = 0;
    std::span<std::byte> to;
  };

  void begin(std::span<const std::byte> from, const HistoryGround& ground);
  void make_room(const HistoryGround& ground);
  std::uint64_t copy(std::size_t begin, std::span<const std::byte> from) const noexcept;

  std::span<std::byte> own_;
  std::optional<HistorySections> sections_;
  std::unique_ptr<SlotStore> store_;
  std::vector<Run> runs_;                 // all of `own_`, or of what takes its place
  std::size_t section_ = 0;               // of which the next block is
  std::vector<std::uint64_t> of_blocks_;  // checksums of the blocks of it that are there
  bool is_whole_ = false;
};

}  // namespace kleio
