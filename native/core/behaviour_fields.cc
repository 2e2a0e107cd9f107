#include "core/behaviour_fields.h"

#include <algorithm>
#include <array>
#include <limits>

#include "core/table.h"

namespace kleio {
namespace {

std::int64_t id_of(const HistorySnapshot& history, std::int64_t sequence) {
  if (const std::int32_t row = history.row_of(sequence); row >= 0) {
    return history.table->id_of(static_cast<std::size_t>(row));
  }
  const auto unknown = history.unknown_item(sequence);
  return unknown ? history.unknown_items[*unknown].id : 0;
}

}  // namespace

void read_fields(const HistorySnapshot& history, std::span<const std::int64_t> sequences,
                 const FieldsView& fields, std::size_t first) {
  const auto fill = [&](auto column, auto empty, const auto& value_of) {
    if (column.empty()) return;
    for (std::size_t i = 0; i < sequences.size(); ++i) {
      const std::int64_t sequence = sequences[i];
      column[first + i] = sequence == kNoSequence ? empty : value_of(sequence);
    }
  };
  fill(fields.rows, -1, [&](std::int64_t s) { return history.row_of(s); });
  fill(fields.ids, std::int64_t{0}, [&](std::int64_t s) { return id_of(history, s); });
  fill(fields.times, std::numeric_limits<double>::quiet_NaN(),
       [&](std::int64_t s) { return history.times[s]; });
  fill(fields.categories, std::int64_t{0}, [&](std::int64_t s) { return history.categories[s]; });
  fill(fields.sequences, -1.0, [](std::int64_t s) { return static_cast<double>(s); });
}

void read_kept_fields(const HistorySnapshot& history, KeptView kept, const FieldsView& fields,
                      const CallContext& context) {
  if (fields.empty()) return;
  // Places that one thread reads at a time: some microseconds.
  constexpr std::size_t kPlaces = 256;
  const std::span<const std::int32_t> positions = kept.positions();
  context.parallel_for((positions.size() + kPlaces - 1) / kPlaces, [&](std::size_t task) {
    context.throw_if_cancelled();
    const std::size_t first = task * kPlaces;
    const auto places = positions.subspan(first, std::min(kPlaces, positions.size() - first));
    std::array<std::int64_t, kPlaces> sequences;
    std::ranges::transform(places, sequences.begin(), [&](std::int32_t position) {
      return position == kNoPosition ? kNoSequence : history.first() + position;
    });
    read_fields(history, {sequences.data(), places.size()}, fields, first);
  });
}

std::size_t list_behaviours(const HistorySnapshot& history, std::int64_t from,
                            std::span<std::int64_t> sequences) noexcept {
  std::size_t count = 0;
  for (std::int64_t s = std::max(from, history.first());
       s < history.end() && count < sequences.size(); ++s) {
    if (history.slot_of[s] != kRemoved) sequences[count++] = s;
  }
  return count;
}

}  // namespace kleio
