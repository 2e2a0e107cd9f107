#include "core/packed_history.h"

#include <algorithm>
#include <array>
#include <string>

namespace kleio {
namespace {

std::string at(std::size_t index) {
  return " at index " + std::to_string(index);
}

class PackedReader {
 public:
  PackedReader(HistorySections& sections, const HistoryGround& ground, const CallContext& context)
      : sections_(sections),
        header_(sections.header()),
        ground_(ground),
        context_(context),
        slot_of_(sections.column<std::int32_t>(Section::kSlotOf, header_.places)),
        slot_rows_(sections.column<std::int32_t>(Section::kSlotRows, header_.slots)) {
    parts_.present = HistorySnapshot::copy_of({});
    parts_.present->table = ground.table;
    parts_.present->backend = ground.backend;
    parts_.present->slot_of.restart(header_.first);
  }

  HistoryParts read() {
    take_columns();
    sections_.raw(Section::kItems, 1);
    sections_.require_no_others();
    name_slots();
    context_.throw_if_cancelled();
    link_places();
    copy_columns();
    return std::move(parts_);
  }

 private:
  void take_columns() {
    const std::size_t places = header_.places;
    if (sections_.brings(kBringsCategories)) {
      categories_ = sections_.column<std::int64_t>(Section::kCategories, places);
    }
    if (sections_.brings(kBringsTimes)) {
      times_ = sections_.column<double>(Section::kTimes, places);
    }
    if (ground_.model) {
      item_rows_ = sections_.column<std::int32_t>(Section::kItemRows, places);
      category_rows_ = sections_.column<std::int32_t>(Section::kCategoryRows, places);
    }
    if (ground_.table->has_ids()) unknown_ = sections_.any<UnknownItem>(Section::kUnknown);
  }

  void name_slots() {
    require_rows(Section::kSlotRows, slot_rows_, header_.rows);
    const std::size_t named = parts_.row_slots.assign(slot_rows_);
    if (named == slot_rows_.size()) return;
    refuse_damaged(Section::kSlotRows, "has row " + std::to_string(slot_rows_[named]) + " twice");
  }

  // What is counted of a slot on the way through its behaviours: little, for they lie anywhere.
  struct Counted {
    std::uint32_t newest = 0;  // place
    std::int32_t behaviours = 0;
  };
  static constexpr std::size_t kAtOnce = 1024;

  void link_places() {
    HistorySnapshot& state = *parts_.present;
    BlockVector<Counted> counted(slot_rows_.size());
    std::array<std::uint32_t, kAtOnce> steps;
    if (!slot_of_.empty()) state.steps_back.restart(header_.first);
    const std::size_t places = slot_of_.size();
    for (std::size_t begin = 0; begin < places; begin += kAtOnce) {
      context_.throw_if_cancelled();
      const std::size_t count = std::min(kAtOnce, places - begin);
      for (std::size_t i = 0; i < count; ++i) {
        const std::size_t place = begin + i;
        const std::int32_t slot = slot_of_[place];
        steps[i] = 0;
        if (slot >= 0 && static_cast<std::size_t>(slot) < counted.size()) {
          Counted& item = counted[static_cast<std::size_t>(slot)];
          const auto newest = static_cast<std::uint32_t>(place);
          // No branch: which behaviour is an item's first is anybody's guess.
          steps[i] = (newest - item.newest) * static_cast<std::uint32_t>(item.behaviours > 0);
          item = {newest, item.behaviours + 1};
        } else if (slot == kRemoved && place > 0) {
          require_blank(place);
          ++state.removed;
        } else if (slot != kNoSlot) {
          refuse_damaged(Section::kSlotOf, "has slot " + std::to_string(slot) + at(place));
        }
      }
      state.steps_back.append(std::span(steps).first(count));
    }
    state.slot_of.append(slot_of_);
    if (state.length() != header_.behaviours) {
      refuse_damaged(Section::kSlotOf, "has " + std::to_string(state.length()) +
                                           " behaviours, not " +
                                           std::to_string(header_.behaviours));
    }
    write_slots(counted);
  }

  void write_slots(std::span<const Counted> counted) {
    std::array<Slot, kAtOnce> slots;
    for (std::size_t begin = 0; begin < counted.size(); begin += kAtOnce) {
      const std::size_t count = std::min(kAtOnce, counted.size() - begin);
      for (std::size_t i = 0; i < count; ++i) {
        const auto& [newest, behaviours] = counted[begin + i];
        if (behaviours == 0) {
          refuse_damaged(Section::kSlotOf, "has no behaviour of slot " + std::to_string(begin + i));
        }
        slots[i] = {header_.first + newest, slot_rows_[begin + i], behaviours};
      }
      parts_.present->slots.append(std::span(slots).first(count));
    }
  }

  // Nothing is told of a behaviour that was removed.
  void require_blank(std::size_t place) const {
    const bool blank = (categories_.empty() || categories_[place] == 0) &&
                       (times_.empty() || times_[place] == 0) &&
                       (item_rows_.empty() || item_rows_[place] == 0) &&
                       (category_rows_.empty() || category_rows_[place] == 0);
    if (!blank) refuse_damaged(Section::kSlotOf, "has a removed behaviour's columns" + at(place));
  }

  void copy_columns() {
    HistorySnapshot& state = *parts_.present;
    require_finite_times(times_);
    fill(state.categories, categories_);
    fill(state.times, times_);
    if (ground_.model) {
      // Row 0 of a vocabulary's embeddings is that of unknown ids.
      require_rows(Section::kItemRows, item_rows_, ground_.model->item.ids.size() + 1);
      require_rows(Section::kCategoryRows, category_rows_, ground_.model->category.ids.size() + 1);
      fill(state.item_rows, item_rows_);
      fill(state.category_rows, category_rows_);
    }
    std::int64_t least = header_.first;
    const std::int64_t end = header_.first + static_cast<std::int64_t>(header_.places);
    for (std::size_t i = 0; i < unknown_.size(); ++i) {
      const std::int64_t sequence = unknown_[i].sequence;
      if (sequence < least || sequence >= end ||
          slot_of_[static_cast<std::size_t>(sequence - header_.first)] != kNoSlot) {
        refuse_damaged(Section::kUnknown, "has no behaviour without embedding" + at(i));
      }
      least = sequence + 1;
    }
    state.unknown_items.append(unknown_);
  }

  template <typename Value>
  void fill(ChunkedColumn<Value>& column, std::span<const Value> values) const {
    if (values.empty()) return;
    column.restart(header_.first);
    column.append(values);
  }

  // Rows before `end`.
  static void require_rows(Section kind, std::span<const std::int32_t> rows, std::uint64_t end) {
    for (std::size_t i = 0; i < rows.size(); ++i) {
      if (rows[i] >= 0 && static_cast<std::uint64_t>(rows[i]) < end) continue;
      refuse_damaged(kind, "has row " + std::to_string(rows[i]) + at(i));
    }
  }

  HistorySections& sections_;
  const HistoryBytesHeader& header_;
  const HistoryGround& ground_;
  const CallContext& context_;
  std::span<const std::int32_t> slot_of_;
  std::span<const std::int32_t> slot_rows_;
  std::span<const std::int64_t> categories_;
  std::span<const double> times_;
  std::span<const std::int32_t> item_rows_;
  std::span<const std::int32_t> category_rows_;
  std::span<const UnknownItem> unknown_;
  HistoryParts parts_;
};

void assign_items(std::span<const std::int32_t> slot_rows, SlotStore& store) {
  BlockVector<SlotRow> items(slot_rows.size());
  for (std::size_t i = 0; i < items.size(); ++i) {
    items[i] = {static_cast<std::uint32_t>(i), slot_rows[i]};
  }
  store.assign(items);
}

}  // namespace

void require_packed_like(const HistorySections& sections, const HistoryGround& ground) {
  const HistoryBytesHeader& header = sections.header();
  const bool has_features = sections.brings(kBringsFeatures);
  if (has_features != (ground.model != nullptr)) {
    refuse_bytes(has_features
                     ? "are packed, of a ranker's history: read them with that ranker"
                     : "are packed, of a history without a ranker: read them over its table, or "
                       "let a ranker read plain bytes");
  }
  require_like_table(header, *ground.table);
  if (sections.brings(kBringsIds) != ground.table->has_ids()) {
    refuse_damaged("the header says otherwise than the table whether it has ids");
  }
}

void require_packed_over(const HistorySections& sections, const HistoryGround& ground,
                         const CallContext& context) {
  const HistoryBytesHeader& header = sections.header();
  require_same_table(header, *ground.table, context);
  if (!ground.model) return;
  const RankerModel& model = *ground.model;
  if (header.vocabularies != model.vocabularies.of(model.item.ids, model.category.ids)) {
    refuse_bytes(
        "are packed, of the history of a ranker with other items or categories: any ranker reads "
        "plain bytes");
  }
}

HistoryParts link_packed(HistorySections& sections, const HistoryGround& ground,
                         const CallContext& context) {
  return PackedReader(sections, ground, context).read();
}

std::unique_ptr<SlotStore> store_of_packed(HistorySections& sections,
                                           std::unique_ptr<SlotStore> store,
                                           const CallContext& context) {
  const std::span<const std::byte> items = sections.bytes_of(Section::kItems);
  const auto slots = static_cast<std::size_t>(sections.header().slots);
  if (items.empty() || !store->adopt_items(slots, items, context)) {
    context.throw_if_cancelled();
    assign_items(sections.column<std::int32_t>(Section::kSlotRows, slots), *store);
  }
  return store;
}

}  // namespace kleio
