// A table's copy on a device, shared by all histories over the table.
//
// A request reads the rows that there were when it began: memory that grows is another one, and
// what is in use stays. Rows that come later go up alone, behind the others; only where they do not
// fit the encoding that those have (a first value that the tensor cores cannot multiply as it is
// stored) is the whole table encoded anew.
#pragma once

#include <atomic>
#include <cstddef>
#include <memory>
#include <mutex>

#include "core/backend.h"
#include "core/table.h"
#include "cuda/device/device_context.h"
#include "cuda/kernels/search_params.h"
#include "cuda/residency/table_encoding.h"

namespace kleio::cuda {

// Rows 0 .. count() - 1 of a table as they are on the device. Never changes.
class ResidentRows {
 public:
  std::size_t count() const noexcept { return count_; }
  const TableEncoding& encoding() const noexcept { return encoding_; }
  const TableBounds& bounds() const noexcept { return bounds_; }
  // As searches by `unit` (cosine or dot) see it.
  TableParams params(Unit unit) const noexcept;
  // For work on a stream that reads it.
  const std::shared_ptr<const DeviceBuffer>& memory() const noexcept { return memory_; }

 private:
  friend class ResidentTable;

  // Its arrays, in memory that has room for `capacity_` rows.
  EncodedRows arrays() const noexcept;

  std::shared_ptr<const DeviceBuffer> memory_;
  std::size_t capacity_ = 0;
  std::size_t count_ = 0;
  TableEncoding encoding_;
  TableBounds bounds_;
};

class ResidentTable final : public TableResidence {
 public:
  // Encodes and sends all rows. Throws kOutOfMemory, kDevice, kDeviceLost.
  ResidentTable(std::shared_ptr<DeviceContext> context, std::shared_ptr<const Table> table);
  ~ResidentTable() override;

  std::size_t byte_size() const noexcept override { return bytes_.load(std::memory_order_relaxed); }
  const Table& table() const noexcept { return *table_; }
  // All rows that the table has by now; those that are missing are sent first. Throws kOutOfMemory,
  // kDevice, kDeviceLost; then everything is as before.
  std::shared_ptr<const ResidentRows> rows() const;

 private:
  ResidentRows with_all(std::size_t count, RequestStream& stream) const;
  ResidentRows with_later(const ResidentRows& present, std::size_t count,
                          RequestStream& stream) const;
  bool are_plain(std::size_t first, std::size_t end) const noexcept;
  void send(ResidentRows& rows, std::size_t first, RequestStream& stream) const;
  void count_memory(std::size_t bytes) const noexcept;

  std::shared_ptr<DeviceContext> context_;
  std::shared_ptr<const Table> table_;
  mutable std::atomic<std::size_t> bytes_{0};
  mutable std::mutex mutex_;  // guards the rest
  mutable std::shared_ptr<const ResidentRows> present_;
};

}  // namespace kleio::cuda
