#include "cuda/residency/resident_history.h"

#include <utility>

namespace kleio::cuda {

ResidentHistory::ResidentHistory(std::shared_ptr<DeviceContext> context,
                                 std::shared_ptr<const ResidentTable> table)
    : context_(std::move(context)),
      table_(std::move(table)),
      sent_(context_->device->make_event()) {}

ResidentHistory::~ResidentHistory() {
  context_->memory.forget(*this);
  context_->device->destroy_event(sent_);
}

ResidentHistory::Lease ResidentHistory::bring(const HistorySnapshot& history, std::uint64_t version,
                                              WantedColumns wanted, RequestStream& stream) {
  Lease lease;
  ++users_;  // from here on it is not evicted
  lease.used_.reset(this);
  lease.slots = static_cast<std::uint32_t>(history.slot_count());
  lease.length = static_cast<std::uint32_t>(history.places());
  const std::lock_guard lock(mutex_);
  try {
    bring_columns(history, version, wanted, stream, lease);
  } catch (...) {  // Nobody may take half of it for the whole, and what was put on the stream
                   // writes to it.
    stream.settle();
    drop();
    throw;
  }
  return lease;
}

void ResidentHistory::bring_columns(const HistorySnapshot& history, std::uint64_t version,
                                    WantedColumns wanted, RequestStream& stream, Lease& lease) {
  stream.device().wait(stream.handle(), sent_);
  const auto by_position = [&](auto& resident, const auto& column, const auto*& first,
                               std::shared_ptr<const DeviceBuffer>& memory) {
    auto lent = resident.bring(column, *context_, stream);
    first = lent.first;
    memory = std::move(lent.memory);
  };
  SlotColumns::Lent slots = slots_.bring(history, version, log_, *context_, stream);
  lease.rows = slots.rows;
  lease.newest = slots.newest;
  lease.newest_origin = slots.newest_origin;
  lease.memory_[0] = std::move(slots.memory);
  by_position(steps_back_, history.steps_back, lease.steps_back, lease.memory_[1]);
  if (wanted.times) by_position(times_, history.times, lease.times, lease.memory_[2]);
  if (wanted.features) {
    by_position(item_rows_, history.item_rows, lease.item_rows, lease.memory_[3]);
    by_position(category_rows_, history.category_rows, lease.category_rows, lease.memory_[4]);
  }
  stream.device().record(sent_, stream.handle());
  bytes_ = slots_.byte_size() + steps_back_.byte_size() + times_.byte_size() +
           item_rows_.byte_size() + category_rows_.byte_size();
  context_->memory.hold(*this, bytes_);
}

bool ResidentHistory::evict() noexcept {
  if (users_ > 0) return false;
  const std::unique_lock lock(mutex_, std::try_to_lock);
  if (!lock.owns_lock()) return false;
  drop();
  return true;
}

// Memory that a search in flight reads stays until its lease ends.
void ResidentHistory::drop() noexcept {
  slots_.drop();
  steps_back_.drop();
  times_.drop();
  item_rows_.drop();
  category_rows_.drop();
  bytes_ = 0;
}

}  // namespace kleio::cuda
