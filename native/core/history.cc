#include "core/history.h"

#include <algorithm>
#include <cassert>
#include <cmath>
#include <string>

#include "core/error.h"
#include "core/float_state.h"

namespace kleio {
namespace {

// `present`: whether the behaviours so far have the attribute; nullptr: there are none yet.
void require_attribute(const char* name, std::size_t count, bool given, std::size_t length,
                       const bool* present) {
  if (given && length != count) {
    throw Error(ErrorCode::kShape, std::string(name) + " must be one per behaviour (" +
                                       std::to_string(count) + "); got " + std::to_string(length));
  }
  if (present != nullptr && *present != given) {
    throw Error(ErrorCode::kShape,
                std::string(name) + (given ? " must be left out: the behaviours so far have none"
                                           : " must be given: the behaviours so far have them"));
  }
}

}  // namespace

History::History(std::shared_ptr<const Table> table, const Backend& backend, HistoryOptions options)
    : table_(std::move(table)),
      capacity_(options.capacity),
      store_(backend.make_slot_store(table_)),
      present_(HistorySnapshot::copy_of({})) {
  present_->table = table_;
  present_->backend = &backend;
  present_->slot_of.restart(options.first_sequence);
}

History::History(std::shared_ptr<const RankerModel> model, const Backend& backend,
                 HistoryOptions options)
    : History(model->similarity_table, backend, options) {
  model_ = std::move(model);
}

void History::append(std::span<const std::int32_t> rows, const Attributes& attributes,
                     Cancellation cancellation) {
  if (model_) {
    throw Error(ErrorCode::kArgument,
                "behaviours were given as rows; the history of a ranker takes ids");
  }
  require_attributes(rows.size(), attributes);
  require_rows(rows, table_->rows(), "behaviours");
  append_blocks(rows.size(), attributes, cancellation,
                [&](std::size_t first, BehaviourBlock& block) {
                  std::ranges::copy(rows.subspan(first, block.count), block.rows.begin());
                });
}

void History::append_ids(std::span<const std::int64_t> ids, const Attributes& attributes,
                         Cancellation cancellation) {
  if (!table_->has_ids()) {
    throw Error(ErrorCode::kArgument, "behaviours were given as ids; this table has none");
  }
  require_attributes(ids.size(), attributes);
  append_blocks(ids.size(), attributes, cancellation,
                [&](std::size_t first, BehaviourBlock& block) {
                  const std::span<const std::int64_t> items = ids.subspan(first, block.count);
                  block.ids = items;
                  table_->rows_of(items, block.present(block.rows));
                  look_up_features(block);
                });
}

void History::append_unnamed(std::size_t count, const Attributes& attributes) {
  require_attributes(count, attributes);
  append_blocks(count, attributes, {}, [&](std::size_t, BehaviourBlock& block) {
    std::ranges::fill(block.present(block.rows), -1);
    look_up_features(block);
  });
}

// The rows of a model's embeddings; row 0 is that of what nobody knows.
void History::look_up_features(BehaviourBlock& block) const noexcept {
  if (!model_) return;
  const std::span<std::int32_t> item_rows = block.present(block.item_rows);
  if (block.ids.empty()) {
    std::ranges::fill(item_rows, 0);
  } else {
    model_->item.rows_of(block.ids, item_rows);
  }
  const std::span<std::int32_t> category_rows = block.present(block.category_rows);
  if (block.categories.empty()) {
    std::ranges::fill(category_rows, 0);
  } else {
    model_->category.rows_of(block.categories, category_rows);
  }
}

void History::adopt(HistoryParts parts) noexcept {
  assert(length() == 0);
  present_ = std::move(parts.present);
  store_ = std::move(parts.store);
  row_slots_ = std::move(parts.row_slots);
}

void History::set_capacity(std::size_t capacity) {
  while (length() > capacity) evict_oldest();
  capacity_ = capacity;
}

void History::clear() {
  restart(present_->end());
}

// Forgets everything; the next behaviour has this sequence number.
void History::restart(std::int64_t sequence) {
  auto empty = HistorySnapshot::copy_of({});
  empty->table = table_;
  empty->backend = present_->backend;
  empty->removals = present_->removals;
  empty->restart(sequence);
  store_->clear();
  present_ = std::move(empty);
  row_slots_.clear();
  free_slots_ = BlockVector<std::int32_t>();
  steps_on_.clear();
}

std::size_t History::length() const noexcept {
  return present_->length();
}

std::size_t History::distinct() const noexcept {
  return row_slots_.size();
}

std::size_t History::byte_size() const noexcept {
  return block_bytes(sizeof(History)) + present_->byte_size() + store_->byte_size() +
         row_slots_.byte_size() + steps_on_.byte_size() +
         block_bytes(free_slots_.capacity() * sizeof(std::int32_t));
}

std::shared_ptr<const HistorySnapshot> History::snapshot() {
  if (!present_->embeddings) present_->embeddings = store_->view();
  return present_;
}

void History::require_attributes(std::size_t count, const Attributes& attributes) const {
  const auto& [categories, times] = attributes;
  const bool any = length() > 0;
  const bool has_categories = present_->has_categories();
  const bool has_times = present_->has_times();
  require_attribute("categories", count, categories.has_value(),
                    categories ? categories->size() : 0, any ? &has_categories : nullptr);
  require_attribute("times", count, times.has_value(), times ? times->size() : 0,
                    any ? &has_times : nullptr);
  for (std::size_t i = 0; times && i < count; ++i) {
    const double time = (*times)[i];
    if (std::isfinite(time)) continue;
    throw Error(ErrorCode::kRange, "times[" + std::to_string(i) + "] must be finite; got " +
                                       (std::isnan(time) ? "NaN"
                                        : time > 0       ? "Infinity"
                                                         : "-Infinity"));
  }
}

template <typename LookUp>
void History::append_blocks(std::size_t count, const Attributes& attributes,
                            Cancellation cancellation, const LookUp& look_up) {
  assert(FloatState::now().is_standard());
  if (count > static_cast<std::uint64_t>(kMaxSequence - present_->end())) {
    throw Error(ErrorCode::kRange, "a history has no sequence numbers beyond 2^53 - 1; it is at " +
                                       std::to_string(present_->end()));
  }
  std::size_t first = 0;
  if (count > 0 && count >= capacity_) {  // all that are present leave, and some that come
    first = count - capacity_;
    restart(present_->end() + static_cast<std::int64_t>(first));
  }
  while (first < count) {
    cancellation.throw_if_requested();
    BehaviourBlock block;
    block.count = std::min(count - first, BehaviourBlock::kMaxCount);
    if (attributes.categories)
      block.categories = attributes.categories->subspan(first, block.count);
    if (attributes.times) block.times = attributes.times->subspan(first, block.count);
    look_up(first, block);
    while (length() + block.count > capacity_ || present_->places() + block.count > kMaxRows) {
      evict_oldest();
    }
    append_block(block);
    first += block.count;
  }
}

// Everything that can throw comes first, so that a block is there with all its parts or not.
void History::append_block(BehaviourBlock& block) {
  assert(block.count <= BehaviourBlock::kMaxCount && length() + block.count <= capacity_);
  HistorySnapshot& state = writable();
  state.unknown_items.reserve(block.unknown_count());
  state.slot_of.reserve(block.count);
  state.steps_back.reserve_from(state.end(), block.count);
  state.categories.reserve_from(state.end(), block.categories.size());
  state.times.reserve_from(state.end(), block.times.size());
  if (model_) {
    state.item_rows.reserve_from(state.end(), block.count);
    state.category_rows.reserve_from(state.end(), block.count);
  }
  const bool knows_newer = steps_on_.size() > 0;
  if (knows_newer) steps_on_.reserve(block.count);
  add_new_items(state, block);
  link_repeats(state, block);
  if (knows_newer) link_newer(state, block);
  for (std::size_t i = 0; i < block.ids.size(); ++i) {
    if (block.rows[i] >= 0) continue;
    state.unknown_items.push_back({state.end() + static_cast<std::int64_t>(i), block.ids[i]});
  }
  store_->touch(std::span(block.repeated).first(block.repeated_count));
  state.slot_of.append(block.present(block.slots));
  state.steps_back.append(block.present(block.steps_back));
  state.categories.append(block.categories);
  state.times.append(block.times);
  if (model_) {
    state.item_rows.append(block.present(block.item_rows));
    state.category_rows.append(block.present(block.category_rows));
  }
}

// Finds the slot of every behaviour and fills those of items that had none. Afterwards no slot of
// the block is shared with a snapshot.
void History::add_new_items(HistorySnapshot& state, BehaviourBlock& block) {
  const auto new_items = [&block] {
    return std::span(block.new_items).first(block.new_item_count);
  };
  try {
    find_slots(state, block);
    const std::size_t reused = std::min(free_slots_.size(), block.new_item_count);
    state.slots.reserve(block.new_item_count - reused);
    for (const std::int32_t slot : block.present(block.slots)) {
      if (slot != kNoSlot && slot < state.slots.end()) state.slots.writable(slot);
    }
    store_->assign(new_items());
  } catch (...) {
    for (const SlotRow& item : new_items()) row_slots_.erase(item.row);
    throw;
  }
  for (const auto& [slot, row] : new_items()) {
    const Slot item = {.newest = 0, .row = row, .behaviours = 0};
    if (slot == state.slots.end()) {
      state.slots.push_back(item);
    } else {
      assert(free_slots_.back() == static_cast<std::int32_t>(slot));
      state.slots.writable(slot) = item;
      free_slots_.pop_back();
    }
  }
}

void History::find_slots(const HistorySnapshot& state, BehaviourBlock& block) {
  constexpr std::size_t kAhead = 16;
  const std::span<const std::int32_t> rows = block.present(block.rows);
  for (std::size_t i = 0; i < rows.size() + kAhead; ++i) {
    if (i < rows.size()) row_slots_.fetch(rows[i]);
    if (i < kAhead) continue;
    const std::int32_t row = rows[i - kAhead];
    std::int32_t& slot = block.slots[i - kAhead];
    slot = kNoSlot;
    if (row < 0) continue;
    const RowSlots::Items items = {state.slots,
                                   std::span(block.new_items).first(block.new_item_count)};
    row_slots_.reserve(1, items);
    const std::int32_t unused = unused_slot(state, block.new_item_count);
    slot = row_slots_.find_or_insert(row, unused, items);
    if (slot != unused) continue;
    block.new_items[block.new_item_count++] = {static_cast<std::uint32_t>(slot), row};
  }
}

// The slot for the item that comes after `taken` other new ones.
std::int32_t History::unused_slot(const HistorySnapshot& state, std::size_t taken) const noexcept {
  const std::size_t free = free_slots_.size();
  if (taken < free) return free_slots_[free - 1 - taken];
  return static_cast<std::int32_t>(state.slots.end()) + static_cast<std::int32_t>(taken - free);
}

void History::link_repeats(HistorySnapshot& state, BehaviourBlock& block) noexcept {
  std::int64_t sequence = state.slot_of.end();
  for (std::size_t i = 0; i < block.count; ++i, ++sequence) {
    block.steps_back[i] = 0;
    const std::int32_t slot = block.slots[i];
    if (slot == kNoSlot) continue;
    Slot& item = state.slots.writable(slot);
    if (item.behaviours > 0) {
      block.steps_back[i] = static_cast<std::uint32_t>(sequence - item.newest);
      block.repeated[block.repeated_count++] = static_cast<std::uint32_t>(slot);
    }
    item.newest = sequence;
    ++item.behaviours;
  }
}

void History::link_newer(const HistorySnapshot& state, const BehaviourBlock& block) noexcept {
  for (std::size_t i = 0; i < block.count; ++i) {
    const std::int64_t sequence = steps_on_.end();
    const std::uint32_t steps = block.steps_back[i];
    if (steps > 0 && sequence - steps >= state.first())
      steps_on_.writable(sequence - steps) = steps;
    steps_on_.push_back(0);
  }
}

void History::evict_oldest() {
  HistorySnapshot& state = writable();
  const std::int32_t slot = state.slot_of[state.first()];
  if (slot >= 0) leave_slot(state, slot);
  pop_front(state);
  while (state.places() > 0 && state.slot_of[state.first()] == kRemoved) {
    pop_front(state);
    --state.removed;
  }
  while (steps_on_.size() > state.places()) steps_on_.pop_front();
}

void History::leave_slot(HistorySnapshot& state, std::int32_t slot) {
  Slot& item = state.slots.writable(slot);
  if (item.behaviours == 1) {
    if (free_slots_.size() == free_slots_.capacity()) {
      free_slots_.reserve(std::max<std::size_t>(free_slots_.size() * 2, 16));
    }
    store_->free_slot(static_cast<std::uint32_t>(slot));
    row_slots_.erase(item.row);
    free_slots_.push_back(slot);
    item.row = -1;
  }
  --item.behaviours;
}

void History::pop_front(HistorySnapshot& state) noexcept {
  state.slot_of.pop_front();
  state.steps_back.pop_front();
  if (state.has_categories()) state.categories.pop_front();
  if (state.has_times()) state.times.pop_front();
  if (state.has_features()) {
    state.item_rows.pop_front();
    state.category_rows.pop_front();
  }
  while (state.unknown_items.size() > 0 &&
         state.unknown_items[state.unknown_items.first()].sequence < state.first()) {
    state.unknown_items.pop_front();
  }
}

HistorySnapshot& History::writable() {
  if (present_.use_count() > 1) present_ = HistorySnapshot::copy_of(*present_);
  present_->embeddings.reset();
  return *present_;
}

}  // namespace kleio
