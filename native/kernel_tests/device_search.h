// Runs a search case as a device would: encoded, planned, scanned and selected in device memory.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <vector>

#include "cuda/search_params.h"
#include "kernel_tests/search_case.h"

namespace kleio::cuda::tests {

struct Execution {
  std::uint64_t seed = 1;
  std::uint32_t multiprocessors = 4;
  // Thread blocks of one warp: buffers of a few dozen places, which overflow.
  bool small_blocks = false;
  // Another division of rows than the plan's: fragments of 16 rows a warp (1 or the wide tile).
  std::optional<std::uint32_t> fold;
};

struct DeviceAnswer {
  std::vector<Kept> kept;  // as `answers` gives them
  std::vector<SelectCounts> counts;
};

// What the scan alone says: bounds by target (padding left out) and block.
struct DeviceBounds {
  std::vector<std::vector<float>> upper, lower;  // lower is empty without weights
  std::vector<TargetRecord> records;
  std::vector<HistoryParams> histories;
  std::uint32_t row_tiles = 0;
};

// A search in device memory, ready to be launched.
class DeviceSearch {
 public:
  DeviceSearch(const SearchCase& search, const Execution& execution);
  ~DeviceSearch();

  const ScanParams& scan() const;
  const SelectParams& select() const;

  // After the scan.
  DeviceBounds bounds() const;
  // After both.
  DeviceAnswer answer() const;
  Kept kept(std::size_t output) const;

 private:
  struct Memory;
  std::unique_ptr<Memory> memory_;
};

DeviceAnswer search_on_device(const SearchCase& search, const Execution& execution);
DeviceBounds scan_on_device(const SearchCase& search, const Execution& execution);

}  // namespace kleio::cuda::tests
