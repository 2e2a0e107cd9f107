// The columns of a history by slot, on a device: the row of each item and its newest position.
//
// They change with every append, and a search must see those of its own version. The memory of the
// latest version is changed in place while no search reads it, and copied while one does; an older
// version than the latest is sent whole, into memory of its own.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <vector>

#include "core/history_snapshot.h"
#include "cuda/device/device_context.h"
#include "cuda/kernels/slot_changes.h"
#include "cuda/residency/change_log.h"

namespace kleio::cuda {

class SlotColumns {
 public:
  struct Lent {
    std::shared_ptr<const DeviceBuffer> memory;
    const std::int32_t* rows = nullptr;
    const std::uint32_t* newest = nullptr;  // as HistoryParams has it, as the next line
    std::uint32_t newest_origin = 0;
  };

  // Puts on the stream what makes the columns those of `history`, whose version by `log` is
  // `version`. Throws kOutOfMemory, kDevice, kDeviceLost.
  Lent bring(const HistorySnapshot& history, std::uint64_t version, const ChangeLog& log,
             DeviceContext& context, RequestStream& stream);

  std::size_t byte_size() const noexcept { return memory_ ? memory_->size() : 0; }
  void drop() noexcept { memory_.reset(); }

 private:
  struct Columns {
    std::int32_t* rows;
    std::uint32_t* newest;
    SlotChange* changes;  // [ChangeLog::kEntries]
  };
  static std::size_t bytes_for(std::size_t capacity) noexcept;
  static Columns columns_of(const DeviceBuffer& memory, std::size_t capacity) noexcept;
  static void send_all(const HistorySnapshot& history, const Columns& to, DeviceContext& context,
                       RequestStream& stream);
  bool send_changes(const HistorySnapshot& history, std::uint64_t version, const ChangeLog& log,
                    DeviceContext& context, RequestStream& stream);
  void own_memory(RequestStream& stream);

  std::shared_ptr<DeviceBuffer> memory_;  // of the latest version that was brought
  std::size_t capacity_ = 0;              // slots
  std::size_t slots_ = 0;                 // that have been sent
  std::uint64_t version_ = 0;
  std::int64_t base_ = 0;  // `newest` holds sequence numbers from here on
  std::vector<std::uint32_t> changed_;
};

}  // namespace kleio::cuda
