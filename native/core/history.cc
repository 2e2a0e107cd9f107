#include "core/history.h"

#include <algorithm>
#include <string>

#include "core/error.h"

namespace kleio {
namespace {

void require_rows(std::span<const std::int32_t> rows, std::size_t table_rows) {
  for (std::size_t i = 0; i < rows.size(); ++i) {
    if (rows[i] >= -1 && rows[i] < static_cast<std::int64_t>(table_rows)) continue;
    throw Error(ErrorCode::kRange, "behaviours must be rows of the table (0 to " +
                                       std::to_string(table_rows) + ", exclusive) or -1; index " +
                                       std::to_string(i) + " is " + std::to_string(rows[i]));
  }
}

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
      options_(options),
      store_(backend.make_slot_store(table_)),
      present_(std::make_shared<HistorySnapshot>()) {
  present_->table = table_;
  present_->backend = &backend;
}

History::History(std::shared_ptr<const RankerModel> model, const Backend& backend,
                 HistoryOptions options)
    : History(model->similarity_table, backend, options) {
  model_ = std::move(model);
}

void History::append(std::span<const std::int32_t> rows, const Attributes& attributes) {
  if (model_) {
    throw Error(ErrorCode::kArgument,
                "behaviours were given as rows; the history of a ranker takes ids");
  }
  require_attributes(rows.size(), attributes);
  require_rows(rows, table_->view().rows);
  append_checked(rows, {}, attributes);
}

void History::append_ids(std::span<const std::int64_t> ids, const Attributes& attributes) {
  if (!table_->has_ids()) {
    throw Error(ErrorCode::kArgument, "behaviours were given as ids; this table has none");
  }
  require_attributes(ids.size(), attributes);
  std::vector<std::int32_t> rows(ids.size());
  table_->rows_of(ids, rows);
  append_checked(rows, ids, attributes);
}

void History::clear() {
  auto empty = std::make_shared<HistorySnapshot>();
  empty->table = table_;
  empty->backend = present_->backend;
  store_->clear();
  present_ = std::move(empty);
  row_slots_.clear();
  free_slots_ = {};
}

std::size_t History::length() const noexcept {
  return present_->length();
}

std::size_t History::distinct() const noexcept {
  return row_slots_.size();
}

std::size_t History::byte_size() const noexcept {
  const HistorySnapshot& state = *present_;
  return sizeof(History) + sizeof(HistorySnapshot) + store_->byte_size() +
         state.slot_of.byte_size() + state.steps_back.byte_size() + state.categories.byte_size() +
         state.times.byte_size() + state.item_rows.byte_size() + state.category_rows.byte_size() +
         state.slots.byte_size() + row_slots_.byte_size() +
         free_slots_.capacity() * sizeof(std::int32_t);
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
    if ((*times)[i] == (*times)[i]) continue;
    throw Error(ErrorCode::kNotFinite,
                "times must be numbers; index " + std::to_string(i) + " is NaN");
  }
}

void History::append_checked(std::span<const std::int32_t> rows, std::span<const std::int64_t> ids,
                             const Attributes& attributes) {
  if (rows.empty()) return;
  std::size_t index = 0;
  if (rows.size() >= options_.capacity) {  // everything present leaves, and some that come
    clear();
    index = rows.size() - options_.capacity;
  }
  for (; index < rows.size(); ++index) {
    if (length() == options_.capacity) evict_oldest();
    append_one({.row = rows[index],
                .id = model_ ? &ids[index] : nullptr,
                .category = attributes.categories ? &(*attributes.categories)[index] : nullptr,
                .time = attributes.times ? &(*attributes.times)[index] : nullptr});
  }
}

// Everything that can throw comes first, so that a behaviour is there with all its parts or not.
void History::append_one(const Behaviour& behaviour) {
  const auto& [row, id, category, time] = behaviour;
  HistorySnapshot& state = writable();
  state.slot_of.reserve_one();
  state.steps_back.reserve_one();
  if (category != nullptr) state.categories.reserve_one();
  if (time != nullptr) state.times.reserve_one();
  if (id != nullptr) {
    state.item_rows.reserve_one();
    state.category_rows.reserve_one();
  }

  std::int32_t slot = kNoSlot;
  std::uint32_t steps_back = 0;
  if (row >= 0) {
    const std::int64_t sequence = state.slot_of.end();
    slot = row_slots_.find(row);
    if (slot == kNoSlot) {
      slot = add_slot(state, {.newest = sequence, .row = row, .behaviours = 1});
    } else {
      Slot& item = state.slots.writable(slot);
      steps_back = static_cast<std::uint32_t>(sequence - item.newest);
      item.newest = sequence;
      ++item.behaviours;
      store_->touch(static_cast<std::uint32_t>(slot));
    }
  }
  state.slot_of.push_back(slot);
  state.steps_back.push_back(steps_back);
  if (category != nullptr) state.categories.push_back(*category);
  if (time != nullptr) state.times.push_back(*time);
  if (id != nullptr) {
    state.item_rows.push_back(model_->item.row_of(*id));
    state.category_rows.push_back(category == nullptr ? 0 : model_->category.row_of(*category));
  }
}

std::int32_t History::add_slot(HistorySnapshot& state, const Slot& item) {
  row_slots_.reserve_one();
  std::int32_t slot;
  if (free_slots_.empty()) {
    slot = static_cast<std::int32_t>(state.slots.end());
    state.slots.reserve_one();
    store_->assign(static_cast<std::uint32_t>(slot), item.row);
    state.slots.push_back(item);
  } else {
    slot = free_slots_.back();
    Slot& freed = state.slots.writable(slot);
    store_->assign(static_cast<std::uint32_t>(slot), item.row);
    freed = item;
    free_slots_.pop_back();
  }
  row_slots_.insert(item.row, slot);
  return slot;
}

void History::evict_oldest() {
  HistorySnapshot& state = writable();
  const std::int32_t slot = state.slot_of[state.slot_of.first()];
  if (slot != kNoSlot) {
    Slot& item = state.slots.writable(slot);
    if (item.behaviours == 1) {
      if (free_slots_.size() == free_slots_.capacity()) {
        free_slots_.reserve(std::max<std::size_t>(free_slots_.size() * 2, 16));
      }
      store_->release(static_cast<std::uint32_t>(slot));
      row_slots_.erase(item.row);
      free_slots_.push_back(slot);
      item.row = -1;
    }
    --item.behaviours;
  }
  state.slot_of.pop_front();
  state.steps_back.pop_front();
  if (state.has_categories()) state.categories.pop_front();
  if (state.has_times()) state.times.pop_front();
  if (state.has_features()) {
    state.item_rows.pop_front();
    state.category_rows.pop_front();
  }
}

HistorySnapshot& History::writable() {
  if (present_.use_count() > 1) present_ = std::make_shared<HistorySnapshot>(*present_);
  present_->embeddings.reset();
  return *present_;
}

}  // namespace kleio
