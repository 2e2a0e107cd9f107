// Runs a search case as a device would: encoded, planned, scanned and selected in device memory, by
// blocks or by lists.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <vector>

#include "cuda/kernels/append_layout.h"
#include "cuda/kernels/search_params.h"
#include "cuda/request/search_plan.h"
#include "kernel_tests/search_case.h"

namespace kleio::cuda::tests {

struct Execution {
  std::uint64_t seed = 1;
  std::uint32_t multiprocessors = 4;
  // Thread blocks of one warp: buffers of a few dozen places, which overflow.
  bool small_blocks = false;
  // Scan and select as one launch, where there is a kernel for the search.
  bool one_launch = false;
  // Of the product's select; small blocks are a warp each way.
  SelectWidth width = SelectWidth::kBlock;
  // Another division of rows than the plan's: fragments of 16 rows a warp (1 or the wide tile).
  std::optional<std::uint32_t> fold;
  // kLists: for cases that its kernels take.
  CandidateSearch search = CandidateSearch::kBlocks;
  // Of a search by lists: the append with wgmma, where there is one for the rows, and divided as
  // for the other, so that an item may have more targets than are multiplied at once.
  bool wgmma = false;
  bool other_items = false;
  // Of a search by lists: another sample, shorter lists, less staging than the plan's.
  std::uint32_t stride = 0;
  std::optional<std::uint32_t> list_capacity;
  std::uint32_t stage_capacity = kMaxStaged;
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

// What an append listed, by target (padding left out). `reached` may be more than the list holds.
struct DeviceLists {
  struct OfTarget {
    TargetRecord record;
    float threshold = 0;
    std::uint32_t reached = 0;
    std::vector<std::uint32_t> slots;
    std::vector<float> estimates;
  };
  std::vector<OfTarget> targets;
};

// A search in device memory, ready to be launched.
class DeviceSearch {
 public:
  DeviceSearch(const SearchCase& search, const Execution& execution);
  ~DeviceSearch();

  const ScanParams& scan() const;
  const SelectParams& select() const;
  // Null where there is no kernel that does both.
  const ScanAndSelectParams* scan_and_select() const;

  // Between the two, of a search by lists.
  bool has_lists() const;
  const ThresholdParams& threshold() const;
  const AppendParams& append() const;

  // After the scan.
  DeviceBounds bounds() const;
  // After the append.
  DeviceLists lists() const;
  // After the select; ends the program if an arrival is left.
  DeviceAnswer answer() const;
  Kept kept(std::size_t output) const;

 private:
  struct Memory;
  std::unique_ptr<Memory> memory_;
};

DeviceAnswer search_on_device(const SearchCase& search, const Execution& execution);
// Of a case and an execution by lists; no targets where the case has no kernels for them.
DeviceLists list_on_device(const SearchCase& search, const Execution& execution);
DeviceBounds scan_on_device(const SearchCase& search, const Execution& execution);

}  // namespace kleio::cuda::tests
