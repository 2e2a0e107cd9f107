#include "cuda/residency/slot_columns.h"

#include <algorithm>
#include <cassert>
#include <span>
#include <type_traits>
#include <utility>

#include "cuda/kernels/search_params.h"
namespace kleio::cuda {
namespace {

std::uint32_t newest_from(std::int64_t base, const Slot& slot) noexcept {
  return slot.behaviours == 0 ? kNotEligible : static_cast<std::uint32_t>(slot.newest - base);
}

}  // namespace

SlotColumns::Lent SlotColumns::bring(const HistorySnapshot& history, std::uint64_t version,
                                     const ChangeLog& log, DeviceContext& context,
                                     RequestStream& stream) {
  const bool present = memory_ && version == version_;
  if (!present && !send_changes(history, version, log, context, stream)) {
    const std::size_t slots = history.slot_count();
    const std::size_t capacity = std::max<std::size_t>(slots + slots / 4, 256);
    auto memory = stream.allocate(bytes_for(capacity));
    const Columns columns = columns_of(*memory, capacity);
    send_all(history, columns, context, stream);
    ++context.counters.histories_uploaded;
    if (memory_ && version < version_) {
      return {std::move(memory), columns.rows, columns.newest, 0};
    }
    memory_ = std::move(memory);
    capacity_ = capacity;
    slots_ = slots;
    version_ = version;
    base_ = history.first();
  }
  const Columns columns = columns_of(*memory_, capacity_);
  return {memory_, columns.rows, columns.newest,
          static_cast<std::uint32_t>(history.first() - base_)};
}

// False where the columns cannot be brought to `version` by what the log knows.
bool SlotColumns::send_changes(const HistorySnapshot& history, std::uint64_t version,
                               const ChangeLog& log, DeviceContext& context,
                               RequestStream& stream) {
  if (!memory_ || version < version_ ||
      history.slot_of.end() - base_ >= std::int64_t{kNotEligible} ||
      history.slot_count() > capacity_) {
    return false;
  }
  changed_.clear();
  if (!log.between(version_, version, changed_)) return false;
  std::ranges::sort(changed_);
  // Not std::ranges::unique, which Clang 14 cannot compile with the libstdc++ of GCC 12.
  changed_.erase(std::unique(changed_.begin(), changed_.end()), changed_.end());
  own_memory(stream);
  const Columns columns = columns_of(*memory_, capacity_);
  const auto piece = stream.ring().next();
  auto* changes = reinterpret_cast<SlotChange*>(piece.data());
  for (std::size_t i = 0; i < changed_.size(); ++i) {
    const Slot& slot = history.slots[changed_[i]];
    changes[i] = {changed_[i], slot.row, newest_from(base_, slot)};
  }
  const std::size_t bytes = changed_.size() * sizeof(SlotChange);
  assert(bytes <= piece.size());
  stream.device().upload(columns.changes, changes, bytes, stream.handle());
  stream.ring().sent();
  const SlotChangeParams params = {columns.changes, columns.rows, columns.newest,
                                   static_cast<std::uint32_t>(changed_.size())};
  stream.device().launch(stream.device().kernels().change_slots, params, stream.handle());
  context.counters.uploaded_bytes += bytes;
  ++context.counters.histories_updated;
  slots_ = std::max(slots_, history.slot_count());
  version_ = version;
  return true;
}

// Leaves the memory to the searches that read it, and goes on with a copy.
void SlotColumns::own_memory(RequestStream& stream) {
  if (memory_.use_count() == 1) return;
  auto copy = stream.allocate(bytes_for(capacity_));
  stream.keep(memory_);
  const Columns from = columns_of(*memory_, capacity_);
  const Columns to = columns_of(*copy, capacity_);
  stream.device().copy(to.rows, from.rows, slots_ * sizeof *to.rows, stream.handle());
  stream.device().copy(to.newest, from.newest, slots_ * sizeof *to.newest, stream.handle());
  memory_ = std::move(copy);
}

void SlotColumns::send_all(const HistorySnapshot& history, const Columns& to,
                           DeviceContext& context, RequestStream& stream) {
  const std::size_t slots = history.slot_count();
  const auto send = [&](auto* column, auto value_of) {
    using Value = std::remove_pointer_t<decltype(column)>;
    stream.ring().send(column, slots * sizeof(Value),
                       [&](std::size_t offset, std::span<std::byte> piece) {
                         auto slot = static_cast<std::int64_t>(offset / sizeof(Value));
                         auto* values = reinterpret_cast<Value*>(piece.data());
                         for (std::size_t i = 0; i < piece.size() / sizeof(Value); ++i, ++slot) {
                           values[i] = value_of(history.slots[slot]);
                         }
                       });
    context.counters.uploaded_bytes += slots * sizeof(Value);
  };
  send(to.rows, [](const Slot& slot) { return slot.row; });
  send(to.newest, [&](const Slot& slot) { return newest_from(history.first(), slot); });
}

std::size_t SlotColumns::bytes_for(std::size_t capacity) noexcept {
  MemoryLayout layout;
  layout.add<std::int32_t>(capacity);
  layout.add<std::uint32_t>(capacity);
  layout.add<SlotChange>(ChangeLog::kEntries);
  return layout.bytes();
}

SlotColumns::Columns SlotColumns::columns_of(const DeviceBuffer& memory,
                                             std::size_t capacity) noexcept {
  MemoryLayout layout;
  const std::size_t rows = layout.add<std::int32_t>(capacity);
  const std::size_t newest = layout.add<std::uint32_t>(capacity);
  const std::size_t changes = layout.add<SlotChange>(ChangeLog::kEntries);
  return {at<std::int32_t>(memory.data(), rows), at<std::uint32_t>(memory.data(), newest),
          at<SlotChange>(memory.data(), changes)};
}

}  // namespace kleio::cuda
