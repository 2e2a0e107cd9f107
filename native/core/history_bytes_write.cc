#include <algorithm>
#include <bit>
#include <cassert>
#include <cstring>

#include "core/history_bytes.h"
#include "core/history_checksums.h"

namespace kleio {
namespace {

static_assert(std::endian::native == std::endian::little, "numbers are written as they lie");

template <typename Value>
Value* values_of(std::span<std::byte> bytes) noexcept {
  return reinterpret_cast<Value*>(bytes.data());
}

template <typename Value>
void copy_values(const std::vector<Value>& values, std::span<std::byte> out) noexcept {
  std::copy(values.begin(), values.end(), values_of<Value>(out));
}

// Calls visit(sequence, slot) for the behaviours that are there, oldest first.
template <typename Visit>
void for_each_behaviour(const HistorySnapshot& history, const Visit& visit) {
  for (std::int64_t sequence = history.first(); sequence < history.end(); ++sequence) {
    const std::int32_t slot = history.slot_of[sequence];
    if (slot != kRemoved) visit(sequence, slot);
  }
}

// The unknown items of behaviours that are asked for oldest first.
class UnknownItems {
 public:
  explicit UnknownItems(const HistorySnapshot& history) noexcept
      : items_(history.unknown_items), next_(items_.first()) {}

  // nullptr: it never had an item.
  const UnknownItem* of(std::int64_t sequence) noexcept {
    while (next_ < items_.end() && items_[next_].sequence < sequence) ++next_;
    const bool found = next_ < items_.end() && items_[next_].sequence == sequence;
    return found ? &items_[next_] : nullptr;
  }

 private:
  const ChunkedColumn<UnknownItem>& items_;
  std::int64_t next_;
};

void take_checksums(std::span<SectionEntry> sections, std::span<const std::byte> bytes,
                    const CallContext& context) {
  std::vector<ChecksumBlock> blocks;
  for (const SectionEntry& section : sections) {
    std::size_t index = 0;
    do {
      blocks.push_back(checksum_block(section, index++));
    } while (!blocks.back().is_last);
  }
  std::vector<std::uint64_t> of_blocks(blocks.size());
  context.parallel_for(blocks.size(), [&](std::size_t index) {
    context.throw_if_cancelled();
    of_blocks[index] = checksum_of(bytes.subspan(blocks[index].begin, blocks[index].size));
  });
  std::size_t first = 0;
  for (SectionEntry& section : sections) {
    std::size_t end = first;
    while (!blocks[end++].is_last) continue;
    section.checksum = section_checksum(std::span(of_blocks).subspan(first, end - first));
    first = end;
  }
}

}  // namespace

HistoryBytesWriter::HistoryBytesWriter(std::shared_ptr<const HistorySnapshot> snapshot,
                                       std::shared_ptr<const RankerModel> model,
                                       std::size_t capacity, BytesForm form,
                                       const CallContext& context)
    : snapshot_(std::move(snapshot)), model_(std::move(model)) {
  const HistorySnapshot& history = *snapshot_;
  header_.form = form;
  header_.first = history.first();
  header_.places = history.places();
  header_.behaviours = history.length();
  header_.capacity = capacity;
  if (history.table->has_ids()) header_.brings |= kBringsIds;
  if (history.has_categories()) header_.brings |= kBringsCategories;
  if (history.has_times()) header_.brings |= kBringsTimes;
  if (form == BytesForm::kPacked) {
    if (model_) header_.brings |= kBringsFeatures;
    measure_packed();
  } else {
    measure_plain();
  }
  if (form == BytesForm::kPacked || !history.table->has_ids()) name_table(context);
  std::size_t offset = whole_lines(sizeof header_ + entries_.size() * sizeof(SectionEntry));
  for (SectionEntry& entry : entries_) {
    entry.offset = offset;
    offset += whole_lines(entry.byte_length);
  }
  header_.sections = static_cast<std::uint32_t>(entries_.size());
  header_.byte_length = offset;
}

// What would be empty is left out.
void HistoryBytesWriter::add(Section kind, std::size_t bytes) {
  if (bytes > 0) entries_.push_back({.kind = kind, .byte_length = bytes});
}

void HistoryBytesWriter::measure_plain() {
  const HistorySnapshot& history = *snapshot_;
  const std::size_t behaviours = history.length();
  if (history.removed > 0) add(Section::kPresent, (history.places() + 7) / 8);
  if (history.table->has_ids()) {
    std::uint32_t index = 0;
    UnknownItems unknown(history);
    for_each_behaviour(history, [&](std::int64_t sequence, std::int32_t slot) {
      if (slot == kNoSlot && unknown.of(sequence) == nullptr) unnamed_.push_back(index);
      ++index;
    });
    add(Section::kIds, behaviours * sizeof(std::int64_t));
    add(Section::kUnnamed, unnamed_.size() * sizeof(std::uint32_t));
  } else {
    add(Section::kRows, behaviours * sizeof(std::int32_t));
  }
  if (history.has_categories()) add(Section::kCategories, behaviours * sizeof(std::int64_t));
  if (history.has_times()) add(Section::kTimes, behaviours * sizeof(double));
}

void HistoryBytesWriter::measure_packed() {
  const HistorySnapshot& history = *snapshot_;
  const std::size_t places = history.places();
  new_slots_.assign(history.slot_count(), kNoSlot);
  for_each_behaviour(history, [&](std::int64_t, std::int32_t slot) {
    if (slot < 0) return;
    std::int32_t& new_slot = new_slots_[static_cast<std::size_t>(slot)];
    if (new_slot != kNoSlot) return;
    new_slot = static_cast<std::int32_t>(slots_.size());
    slots_.push_back(static_cast<std::uint32_t>(slot));
  });
  const ChunkedColumn<UnknownItem>& unknown = history.unknown_items;
  for (std::int64_t index = unknown.first(); index < unknown.end(); ++index) {
    if (history.holds(unknown[index].sequence)) unknown_.push_back(unknown[index]);
  }
  header_.slots = slots_.size();
  if (history.has_categories()) add(Section::kCategories, places * sizeof(std::int64_t));
  if (history.has_times()) add(Section::kTimes, places * sizeof(double));
  add(Section::kSlotOf, places * sizeof(std::int32_t));
  if (model_) {
    add(Section::kItemRows, places * sizeof(std::int32_t));
    add(Section::kCategoryRows, places * sizeof(std::int32_t));
  }
  add(Section::kUnknown, unknown_.size() * sizeof(UnknownItem));
  add(Section::kSlotRows, slots_.size() * sizeof(std::int32_t));
  if (!slots_.empty()) add(Section::kItems, history.embeddings->items_bytes(slots_.size()));
}

void HistoryBytesWriter::name_table(const CallContext& context) {
  const Table& table = *snapshot_->table;
  header_.dim = static_cast<std::uint32_t>(table.dim());
  header_.dtype = static_cast<std::uint32_t>(table.dtype());
  header_.rows = table.rows();
  header_.table = table.fingerprint().of_first(header_.rows, table, context);
  if (!model_) return;
  header_.vocabularies = model_->vocabularies.of(model_->item.ids, model_->category.ids);
}

void HistoryBytesWriter::write(std::span<std::byte> out, const CallContext& context) const {
  assert(out.size() == byte_size());
  std::vector<SectionEntry> entries = entries_;
  std::size_t written = sizeof header_ + entries.size() * sizeof(SectionEntry);
  const auto fill_zeros = [&](std::size_t end) {
    std::memset(out.data() + written, 0, end - written);
  };
  for (const SectionEntry& entry : entries) {
    fill_zeros(entry.offset);
    context.throw_if_cancelled();
    fill(entry.kind, out.subspan(entry.offset, entry.byte_length), context);
    written = entry.offset + entry.byte_length;
  }
  fill_zeros(out.size());
  take_checksums(entries, out, context);
  HistoryBytesHeader header = header_;
  const auto directory = std::as_bytes(std::span(entries));
  header.directory_checksum = checksum_of(directory);
  const auto head = std::as_bytes(std::span(&header, 1));
  header.checksum = checksum_of(head.first(offsetof(HistoryBytesHeader, checksum)));
  std::ranges::copy(head, out.begin());
  std::ranges::copy(directory, out.begin() + sizeof header);
}

void HistoryBytesWriter::fill(Section kind, std::span<std::byte> out,
                              const CallContext& context) const {
  const HistorySnapshot& history = *snapshot_;
  switch (kind) {
    case Section::kPresent:
      return fill_present(out);
    case Section::kIds:
      return fill_ids(values_of<std::int64_t>(out));
    case Section::kUnnamed:
      return copy_values(unnamed_, out);
    case Section::kRows:
      return fill_rows(values_of<std::int32_t>(out));
    case Section::kCategories:
      return fill_column(history.categories, values_of<std::int64_t>(out));
    case Section::kTimes:
      return fill_column(history.times, values_of<double>(out));
    case Section::kSlotOf:
      return fill_slots(values_of<std::int32_t>(out));
    case Section::kItemRows:
      return fill_column(history.item_rows, values_of<std::int32_t>(out));
    case Section::kCategoryRows:
      return fill_column(history.category_rows, values_of<std::int32_t>(out));
    case Section::kUnknown:
      return copy_values(unknown_, out);
    case Section::kSlotRows: {
      auto* const rows = values_of<std::int32_t>(out);
      for (std::size_t i = 0; i < slots_.size(); ++i) rows[i] = history.slots[slots_[i]].row;
      return;
    }
    case Section::kItems:
      return history.embeddings->write_items(slots_, out, context);
  }
}

void HistoryBytesWriter::fill_present(std::span<std::byte> out) const {
  std::ranges::fill(out, std::byte{0});
  for_each_behaviour(*snapshot_, [&](std::int64_t sequence, std::int32_t) {
    const auto place = static_cast<std::size_t>(sequence - header_.first);
    out[place / 8] |= std::byte{1} << place % 8;
  });
}

void HistoryBytesWriter::fill_ids(std::int64_t* out) const {
  const HistorySnapshot& history = *snapshot_;
  UnknownItems unknown(history);
  for_each_behaviour(history, [&](std::int64_t sequence, std::int32_t slot) {
    if (slot >= 0) {
      *out++ = history.table->id_of(static_cast<std::size_t>(history.slots[slot].row));
      return;
    }
    const UnknownItem* const item = unknown.of(sequence);
    *out++ = item == nullptr ? 0 : item->id;
  });
}

void HistoryBytesWriter::fill_rows(std::int32_t* out) const {
  for_each_behaviour(*snapshot_, [&](std::int64_t sequence, std::int32_t) {
    *out++ = snapshot_->row_of(sequence);
  });
}

void HistoryBytesWriter::fill_slots(std::int32_t* out) const {
  const HistorySnapshot& history = *snapshot_;
  history.slot_of.copy_to(out, history.first(), history.end());
  for (std::int32_t& slot : std::span(out, history.places())) {
    if (slot >= 0) slot = new_slots_[static_cast<std::size_t>(slot)];
  }
}

// Of every place, or in plain bytes of every behaviour.
template <typename Value>
void HistoryBytesWriter::fill_column(const ChunkedColumn<Value>& column, Value* out) const {
  if (header_.form == BytesForm::kPacked || snapshot_->removed == 0) {
    column.copy_to(out, column.first(), column.end());
    return;
  }
  for_each_behaviour(*snapshot_,
                     [&](std::int64_t sequence, std::int32_t) { *out++ = column[sequence]; });
}

}  // namespace kleio
