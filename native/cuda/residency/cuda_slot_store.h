// The slots of a history that is searched on a device: nothing but which of them changed. Their
// embeddings lie in the resident table, their rows and places in the history itself, and both reach
// the device with the next search.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>

#include "core/slot_store.h"
#include "cuda/residency/resident_history.h"

namespace kleio::cuda {

// One version of a history.
class CudaSlotView final : public SlotViewOf<CudaSlotView> {
 public:
  CudaSlotView(std::shared_ptr<ResidentHistory> resident, std::uint64_t version)
      : resident_(std::move(resident)), version_(version) {}

  const ResidentTable& table() const noexcept { return resident_->table(); }
  ResidentHistory::Lease bring(const HistorySnapshot& history, WantedColumns wanted,
                               RequestStream& stream) const {
    return resident_->bring(history, version_, wanted, stream);
  }

 private:
  std::shared_ptr<ResidentHistory> resident_;
  std::uint64_t version_;
};

class CudaSlotStore final : public SlotStore {
 public:
  CudaSlotStore(std::shared_ptr<DeviceContext> context, std::shared_ptr<const ResidentTable> table);

  void assign(std::span<const SlotRow> items) override {
    for (const SlotRow& item : items) resident_->log().add(item.slot);
  }
  void touch(std::span<const std::uint32_t> slots) noexcept override {
    for (const std::uint32_t slot : slots) resident_->log().add(slot);
  }
  void free_slot(std::uint32_t slot) override { resident_->log().add(slot); }
  void unshare(std::uint32_t) override {}
  void forget_columns() override { clear(); }
  void clear() override;
  std::shared_ptr<const SlotView> view() override;
  // Those of the device included.
  std::size_t byte_size() const noexcept override;

 private:
  std::shared_ptr<DeviceContext> context_;
  std::shared_ptr<const ResidentTable> table_;
  std::shared_ptr<ResidentHistory> resident_;  // another one after every clear and removal
};

}  // namespace kleio::cuda
