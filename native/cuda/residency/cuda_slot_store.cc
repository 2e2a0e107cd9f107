#include "cuda/residency/cuda_slot_store.h"

#include <utility>

namespace kleio::cuda {

CudaSlotStore::CudaSlotStore(std::shared_ptr<DeviceContext> context,
                             std::shared_ptr<const ResidentTable> table)
    : context_(std::move(context)),
      table_(std::move(table)),
      resident_(std::make_shared<ResidentHistory>(context_, table_)) {}

void CudaSlotStore::clear() {
  resident_ = std::make_shared<ResidentHistory>(context_, table_);
}

std::shared_ptr<const SlotView> CudaSlotStore::view() {
  return std::make_shared<CudaSlotView>(resident_, resident_->log().version());
}

std::size_t CudaSlotStore::byte_size() const noexcept {
  return sizeof(CudaSlotStore) + sizeof(ResidentHistory) + resident_->byte_size();
}

}  // namespace kleio::cuda
