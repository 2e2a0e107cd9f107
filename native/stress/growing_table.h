// A table that one thread makes longer while others read it. What a row holds follows from its id,
// so that whoever reads a row, however he came to it, knows what must be there.
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <random>
#include <thread>
#include <vector>

#include "core/table.h"

namespace kleio {

class GrowingTable {
 public:
  explicit GrowingTable(std::uint64_t seed);
  // Ends the growth.
  ~GrowingTable();

  const std::shared_ptr<const Table>& table() const noexcept { return table_; }

 private:
  void grow();

  std::mt19937_64 random_;
  std::shared_ptr<Table> growing_;
  std::shared_ptr<const Table> table_;
  std::atomic<bool> over_{false};
  std::thread thread_;
};

// Looks some rows and ids up. Returns what is wrong, or nullptr.
const char* fault_of(const Table& table, std::mt19937_64& random);

}  // namespace kleio
