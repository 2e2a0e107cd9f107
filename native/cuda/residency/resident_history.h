// A history on a device, as far as searches have needed it there. Where memory runs short it leaves
// while it is idle, and comes back with the next search.
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <mutex>

#include "core/history_snapshot.h"
#include "core/slot_store.h"
#include "cuda/device/device_context.h"
#include "cuda/residency/change_log.h"
#include "cuda/residency/resident_table.h"
#include "cuda/residency/sequence_column.h"
#include "cuda/residency/slot_columns.h"

namespace kleio::cuda {

// Columns that only some requests read.
struct WantedColumns {
  bool times = false;     // of searches by time
  bool features = false;  // embedding rows of items and categories, of rankings
};

class ResidentHistory final : public Evictable {
 public:
  ResidentHistory(std::shared_ptr<DeviceContext> context,
                  std::shared_ptr<const ResidentTable> table);
  ~ResidentHistory() override;

  // A version of the history on the device, for one request. Drop it after the request's stream has
  // been synchronised. Pointers to columns by position are aligned as their elements.
  class Lease {
   public:
    Lease() = default;
    Lease(Lease&& other) noexcept = default;
    Lease& operator=(Lease&& other) noexcept = default;

    const std::int32_t* rows = nullptr;           // by slot
    const std::uint32_t* newest = nullptr;        // by slot, as HistoryParams has it
    const std::uint32_t* steps_back = nullptr;    // by position
    const double* times = nullptr;                // by position, where wanted
    const std::int32_t* item_rows = nullptr;      // likewise
    const std::int32_t* category_rows = nullptr;  // likewise
    std::uint32_t newest_origin = 0;
    std::uint32_t slots = 0;
    std::uint32_t length = 0;

   private:
    friend class ResidentHistory;
    struct Release {
      void operator()(ResidentHistory* history) const noexcept { --history->users_; }
    };
    std::unique_ptr<ResidentHistory, Release> used_;
    std::shared_ptr<const DeviceBuffer> memory_[5];
  };

  // Puts what is missing of `history`, a version of this one, on the stream.
  // Throws kOutOfMemory, kDevice, kDeviceLost.
  Lease bring(const HistorySnapshot& history, std::uint64_t version, WantedColumns wanted,
              RequestStream& stream);

  const ResidentTable& table() const noexcept { return *table_; }
  ChangeLog& log() noexcept { return log_; }
  // Bytes on the device now.
  std::size_t byte_size() const noexcept { return bytes_.load(std::memory_order_relaxed); }

 private:
  bool evict() noexcept override;
  void bring_columns(const HistorySnapshot& history, std::uint64_t version, WantedColumns wanted,
                     RequestStream& stream, Lease& lease);
  void drop() noexcept;

  std::shared_ptr<DeviceContext> context_;
  std::shared_ptr<const ResidentTable> table_;
  ChangeLog log_;
  std::atomic<std::uint32_t> users_{0};
  std::atomic<std::size_t> bytes_{0};

  std::mutex mutex_;  // guards the rest
  EventHandle sent_;  // the last thing put on any stream for this history
  SlotColumns slots_;
  SequenceColumn<std::uint32_t> steps_back_;
  SequenceColumn<double> times_;
  SequenceColumn<std::int32_t> item_rows_;
  SequenceColumn<std::int32_t> category_rows_;
};

}  // namespace kleio::cuda
