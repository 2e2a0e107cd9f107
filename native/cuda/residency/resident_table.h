// A table's copy on a device, shared by all histories over the table.
#pragma once

#include <cstddef>
#include <memory>

#include "core/backend.h"
#include "core/table.h"
#include "cuda/device/device_context.h"
#include "cuda/kernels/search_params.h"
#include "cuda/residency/table_encoding.h"

namespace kleio::cuda {

class ResidentTable final : public TableResidence {
 public:
  // Encodes and sends all rows. Throws kOutOfMemory, kDevice, kDeviceLost.
  ResidentTable(std::shared_ptr<DeviceContext> context, std::shared_ptr<const Table> table);
  ~ResidentTable() override;

  std::size_t byte_size() const noexcept override { return memory_->size(); }
  const Table& table() const noexcept { return *table_; }
  const TableEncoding& encoding() const noexcept { return encoding_; }
  const TableBounds& bounds() const noexcept { return bounds_; }
  // As searches by `unit` (cosine or dot) see it.
  TableParams params(Unit unit) const noexcept;

 private:
  void send_rows(RequestStream& stream);
  // Its arrays from a row on, within memory that has room for `rows` rows from there.
  EncodedRows arrays(std::byte* memory, std::size_t rows) const noexcept;
  std::size_t bytes_of(std::size_t rows) const noexcept;

  std::shared_ptr<DeviceContext> context_;
  std::shared_ptr<const Table> table_;
  TableEncoding encoding_;
  TableBounds bounds_;
  std::shared_ptr<const DeviceBuffer> memory_;
};

}  // namespace kleio::cuda
