// What is told of behaviours beside their places, as columns.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

#include "core/call_context.h"
#include "core/history_snapshot.h"
#include "core/kept.h"

namespace kleio {

// Where the columns go that were asked for, one value for each behaviour; the others are empty.
struct FieldsView {
  std::span<std::int32_t> rows;        // of the table; -1: no embedding
  std::span<std::int64_t> ids;         // 0: a behaviour that came as row -1
  std::span<double> times;             // NaN in empty places
  std::span<std::int64_t> categories;  // 0 in empty places
  std::span<double> sequences;         // -1 in empty places

  bool empty() const noexcept {
    return rows.empty() && ids.empty() && times.empty() && categories.empty() && sequences.empty();
  }
};

// A sequence number that no behaviour has.
inline constexpr std::int64_t kNoSequence = -1;

// Fills each column for the behaviours of these sequence numbers, from its place `first` on.
// kNoSequence stands for an empty place.
void read_fields(const HistorySnapshot& history, std::span<const std::int64_t> sequences,
                 const FieldsView& fields, std::size_t first = 0);

// The same for what a search has kept, divided among the call's threads. Throws kAborted.
void read_kept_fields(const HistorySnapshot& history, KeptView kept, const FieldsView& fields,
                      const CallContext& context);

// Behaviours from sequence number `from` on, oldest first, at most sequences.size(): writes their
// numbers and returns how many there are.
std::size_t list_behaviours(const HistorySnapshot& history, std::int64_t from,
                            std::span<std::int64_t> sequences) noexcept;

}  // namespace kleio
