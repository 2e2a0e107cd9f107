// Removal of behaviours from the middle of a history: constant work for each, whatever its length.
#include <algorithm>
#include <cassert>
#include <new>
#include <unordered_map>
#include <unordered_set>
#include <utility>

#include "core/error.h"
#include "core/history.h"
#include "core/secret_hash.h"

namespace kleio {
namespace {

// Slots without an item cost every search as much as those with one. Beyond this share of them the
// items move together, which is paid for by the removals that led to it.
constexpr std::size_t kFreeShare = 8;
constexpr std::size_t kFewSlots = 64;

// Ids that somebody asks about, some of them more than once.
class AskedIds {
 public:
  explicit AskedIds(std::span<const std::int64_t> ids) {
    for (std::size_t i = 0; i < ids.size(); ++i) places_.emplace(ids[i], i);
  }
  // Calls visit(i) for each index where `id` is.
  template <typename Visit>
  void visit(std::int64_t id, const Visit& visit) const {
    const auto [begin, end] = places_.equal_range(id);
    for (auto place = begin; place != end; ++place) visit(place->second);
  }

 private:
  std::unordered_multimap<std::int64_t, std::size_t, SecretHash> places_;
};

}  // namespace

std::size_t History::remove(std::span<const std::int64_t> sequences) {
  std::vector<std::int64_t> present;
  for (const std::int64_t sequence : sequences) {
    if (present_->holds(sequence)) present.push_back(sequence);
  }
  return remove_present(std::move(present));
}

std::size_t History::remove_items(const NamedItems& items) {
  const HistorySnapshot& state = *present_;
  std::vector<std::int64_t> present;
  std::unordered_set<std::int32_t> slots;
  for (const std::int32_t row : items.rows) {
    if (const auto slot = row_slots_.find(row, {state.slots, {}})) slots.insert(*slot);
  }
  visit_shadowed(items.ids, [&](std::int32_t slot, std::size_t) { slots.insert(slot); });
  for (const std::int32_t slot : slots) {
    for (std::int64_t s = state.slots[slot].newest;;) {
      present.push_back(s);
      const std::uint32_t steps = state.steps_back[s];
      if (steps == 0 || s - steps < state.first()) break;
      s -= steps;
    }
  }
  visit_unknown(items.ids,
                [&](std::int64_t sequence, std::size_t) { present.push_back(sequence); });
  return remove_present(std::move(present));
}

void History::has(const NamedItems& items, std::span<std::uint8_t> seen) const {
  for (std::size_t i = 0; i < items.rows.size(); ++i) {
    seen[i] = row_slots_.find(items.rows[i], {present_->slots, {}}) ? 1 : 0;
  }
  visit_shadowed(items.ids, [&](std::int32_t, std::size_t i) { seen[i] = 1; });
  visit_unknown(items.ids, [&](std::int64_t, std::size_t i) { seen[i] = 1; });
}

std::vector<std::int32_t> History::shadowed_rows(std::span<const std::int64_t> ids) const {
  std::vector<std::int32_t> rows;
  visit_shadowed(
      ids, [&](std::int32_t slot, std::size_t) { rows.push_back(present_->slots[slot].row); });
  return rows;
}

template <typename Visit>
void History::visit_shadowed(std::span<const std::int64_t> ids, const Visit& visit) const {
  if (ids.empty() || table_->shadowed_rows() == 0) return;
  const AskedIds asked(ids);
  for (std::size_t slot = 0; slot < present_->slot_count(); ++slot) {
    const Slot& item = present_->slots[static_cast<std::int64_t>(slot)];
    if (item.behaviours == 0) continue;
    asked.visit(table_->id_of(static_cast<std::size_t>(item.row)),
                [&](std::size_t i) { visit(static_cast<std::int32_t>(slot), i); });
  }
}

std::size_t History::remove_before(double time) {
  const HistorySnapshot& state = *present_;
  if (length() == 0) return 0;
  std::vector<std::int64_t> present;
  for (std::int64_t s = state.first(); s < state.end(); ++s) {
    if (state.times[s] < time && state.slot_of[s] != kRemoved) present.push_back(s);
  }
  return remove_present(std::move(present));
}

template <typename Visit>
void History::visit_unknown(std::span<const std::int64_t> ids, const Visit& visit) const {
  const ChunkedColumn<UnknownItem>& unknown = present_->unknown_items;
  if (ids.empty() || unknown.size() == 0) return;
  const AskedIds asked(ids);
  for (std::int64_t u = unknown.first(); u < unknown.end(); ++u) {
    const auto& [sequence, id] = unknown[u];
    if (!present_->holds(sequence)) continue;
    asked.visit(id, [&, s = sequence](std::size_t i) { visit(s, i); });
  }
}

// Of numbers of behaviours that are there, some of them twice.
std::size_t History::remove_present(std::vector<std::int64_t> sequences) {
  std::sort(sequences.begin(), sequences.end());
  sequences.erase(std::unique(sequences.begin(), sequences.end()), sequences.end());
  if (sequences.empty()) return 0;
  if (sequences.size() == length()) {
    clear();
    return sequences.size();
  }
  HistorySnapshot& state = writable();
  learn_newer();
  unshare(state, sequences);
  free_slots_.reserve(free_slots_.size() + std::min(sequences.size(), row_slots_.size()));
  store_->forget_columns();
  for (const std::int64_t sequence : sequences) {
    const std::int32_t slot = state.slot_of[sequence];
    if (slot >= 0) {
      unlink(state, sequence, slot);
      leave_slot(state, slot);
    }
    blank(state, sequence);
  }
  state.removed += static_cast<std::uint32_t>(sequences.size());
  state.removals += static_cast<std::uint32_t>(sequences.size());
  while (state.slot_of[state.first()] == kRemoved) {
    pop_front(state);
    steps_on_.pop_front();
    --state.removed;
  }
  if (free_slots_.size() > kFewSlots && free_slots_.size() > state.slot_count() / kFreeShare) {
    close_ranks();
  }
  return sequences.size();
}

void History::learn_newer() {
  const HistorySnapshot& state = *present_;
  if (steps_on_.size() > 0) return;
  // Plain arrays for a moment, and no branch: which behaviours have an older one of their item is
  // anybody's guess. One without it writes the 0 of its own place again, and one whose older one
  // has left writes to index 0, in front of all places.
  const std::size_t places = state.places();
  BlockVector<std::uint32_t> steps_back(places);
  state.steps_back.copy_to(steps_back.data(), state.first(), state.end());
  BlockVector<std::uint32_t> steps_on(places + 1);
  for (std::size_t place = 0; place < places; ++place) {
    const std::size_t steps = steps_back[place];
    const std::size_t is_here = steps <= place ? 1 : 0;
    steps_on[is_here * (place + 1 - steps)] = steps_back[place];
  }
  ChunkedColumn<std::uint32_t> newer;
  newer.restart(state.first());
  newer.append(std::span(steps_on).subspan(1));
  steps_on_ = std::move(newer);
}

// What is about to change belongs to no snapshot afterwards. All that can throw.
void History::unshare(HistorySnapshot& state, std::span<const std::int64_t> sequences) {
  for (const std::int64_t sequence : sequences) {
    state.slot_of.writable(sequence);
    state.steps_back.writable(sequence);
    if (const std::uint32_t newer = steps_on_[sequence]; newer > 0) {
      state.steps_back.writable(sequence + newer);
    }
    if (state.has_categories()) state.categories.writable(sequence);
    if (state.has_times()) state.times.writable(sequence);
    if (state.has_features()) {
      state.item_rows.writable(sequence);
      state.category_rows.writable(sequence);
    }
    if (const auto unknown = state.unknown_item(sequence)) state.unknown_items.writable(*unknown);
    const std::int32_t slot = state.slot_of[sequence];
    if (slot < 0) continue;
    state.slots.writable(slot);
    store_->unshare(static_cast<std::uint32_t>(slot));
  }
}

// Joins the behaviours of the same item on both sides.
void History::unlink(HistorySnapshot& state, std::int64_t sequence, std::int32_t slot) noexcept {
  const std::uint32_t back = state.steps_back[sequence];
  const std::uint32_t older = back > 0 && sequence - back >= state.first() ? back : 0;
  const std::uint32_t newer = steps_on_[sequence];
  if (newer > 0) {
    state.steps_back.writable(sequence + newer) = older > 0 ? newer + older : 0;
  } else if (older > 0) {
    state.slots.writable(slot).newest = sequence - older;
  }
  if (older > 0) steps_on_.writable(sequence - older) = newer > 0 ? newer + older : 0;
}

void History::blank(HistorySnapshot& state, std::int64_t sequence) noexcept {
  if (const auto unknown = state.unknown_item(sequence))
    state.unknown_items.writable(*unknown).id = 0;
  state.slot_of.writable(sequence) = kRemoved;
  state.steps_back.writable(sequence) = 0;
  steps_on_.writable(sequence) = 0;
  if (state.has_categories()) state.categories.writable(sequence) = 0;
  if (state.has_times()) state.times.writable(sequence) = 0;
  if (!state.has_features()) return;
  state.item_rows.writable(sequence) = 0;
  state.category_rows.writable(sequence) = 0;
}

// Items move to the first slots. The removal is whole without it and must not fail any more: where
// memory is short, or the device is lost, nothing moves, and the next search tells of the device.
void History::close_ranks() try {
  const HistorySnapshot& before = *present_;
  std::unique_ptr<SlotStore> store = before.backend->make_slot_store(table_);
  BlockVector<std::int32_t> moved(before.slot_count(), kNoSlot);
  BlockVector<SlotRow> items;
  ChunkedColumn<Slot> slots;
  RowSlots row_slots;
  row_slots.reserve(row_slots_.size(), {slots, {}});
  for (std::size_t i = 0; i < moved.size(); ++i) {
    const Slot& slot = before.slots[static_cast<std::int64_t>(i)];
    if (slot.behaviours == 0) continue;
    moved[i] = static_cast<std::int32_t>(items.size());
    items.push_back({static_cast<std::uint32_t>(moved[i]), slot.row});
    row_slots.find_or_insert(slot.row, moved[i], {slots, {}});
    slots.push_back(slot);
  }
  store->assign(items);
  ChunkedColumn<std::int32_t> slot_of;
  slot_of.restart(before.first());
  for (std::int64_t s = before.first(); s < before.end(); ++s) {
    const std::int32_t slot = before.slot_of[s];
    slot_of.push_back(slot < 0 ? slot : moved[static_cast<std::size_t>(slot)]);
  }
  HistorySnapshot& state = writable();
  state.slots = std::move(slots);
  state.slot_of = std::move(slot_of);
  store_ = std::move(store);
  row_slots_ = std::move(row_slots);
  free_slots_ = BlockVector<std::int32_t>();
} catch (const std::bad_alloc&) {
} catch (const Error&) {
}

}  // namespace kleio
