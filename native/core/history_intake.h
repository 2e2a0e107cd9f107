// Bytes of a history on their way in: copied, a part at a time, out of memory whose owner may write
// to it or take it away in between, with the checksums of what arrived.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "core/history_sections.h"
#include "core/thread_pool.h"

namespace kleio {

class HistoryIntake {
 public:
  // `own`: memory for them, at a multiple of 8, which outlives this.
  explicit HistoryIntake(std::span<std::byte> own) noexcept : own_(own) {}

  // Copies the next part of `from`, which is as long as `own`, on the threads of the pool: about a
  // quarter of a millisecond on one. True once everything is there as it was written; what does not
  // begin as bytes of a history is refused before the rest is copied. Throws kFormat,
  // std::bad_alloc.
  bool take(std::span<const std::byte> from, ThreadPool& pool);

  bool is_whole() const noexcept { return is_whole_; }
  // Once it is.
  HistorySections& sections() noexcept { return *sections_; }

 private:
  void begin(std::span<const std::byte> from);

  std::span<std::byte> own_;
  std::optional<HistorySections> sections_;
  std::vector<std::span<const std::byte>> blocks_;  // of `own_`, each with a checksum
  std::vector<std::uint64_t> checksums_;            // of those that are there
  bool is_whole_ = false;
};

}  // namespace kleio
