// Bytes of a history on their way in: copied, a part at a time, out of memory whose owner may write
// to it or take it away in between, with the checksums of what arrived. Packed items go where the
// history will have them.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <utility>
#include <vector>

#include "core/history_sections.h"
#include "core/slot_store.h"
#include "core/thread_pool.h"

namespace kleio {

class HistoryIntake {
 public:
  // `own`: memory for them, at a multiple of 8, which outlives this.
  HistoryIntake(HistoryGround ground, std::span<std::byte> own) noexcept
      : ground_(std::move(ground)), own_(own) {}

  // Copies the next part of `from`, which is as long as `own`, on the threads of the pool: about a
  // quarter of a millisecond on one. True once everything is there as it was written; what does not
  // begin as bytes of a history is refused before the rest is copied. Throws kFormat,
  // std::bad_alloc.
  bool take(std::span<const std::byte> from, ThreadPool& pool);

  bool is_whole() const noexcept { return is_whole_; }
  // Once it is.
  const HistoryGround& ground() const noexcept { return ground_; }
  HistorySections& sections() noexcept { return *sections_; }
  // Of packed bytes: has room with the items in it. Once.
  std::unique_ptr<SlotStore> take_store() noexcept { return std::move(store_); }

 private:
  // Bytes from `begin` on, and where they go.
  struct Run {
    std::size_t begin = 0;
    std::span<std::byte> to;
  };

  void begin(std::span<const std::byte> from);
  void make_room();
  std::uint64_t copy(std::size_t begin, std::span<const std::byte> from) const noexcept;

  HistoryGround ground_;

  std::span<std::byte> own_;
  std::optional<HistorySections> sections_;
  std::unique_ptr<SlotStore> store_;
  std::vector<Run> runs_;                           // all of `own_`, or of what takes its place
  std::vector<std::span<const std::byte>> blocks_;  // of `own_`, each with a checksum
  std::vector<std::uint64_t> checksums_;            // of those that are there
  bool is_whole_ = false;
};

}  // namespace kleio
