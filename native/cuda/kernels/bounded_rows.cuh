// The rows among which a target's best are, in groups with a bound each: the blocks of a scan, or
// the rows that an append listed, one a group. Where these do not hold all that could be kept, all
// rows without bounds.
#pragma once

#include <cstdint>

#include "cuda/kernels/execution.h"
#include "cuda/kernels/row_blocks.h"
#include "cuda/kernels/search_params.h"

namespace kleio::cuda {

class BoundedRows {
 public:
  KLEIO_KERNEL_CODE BoundedRows(const SearchParams& search, const HistoryParams& history,
                                std::uint32_t target)
      : blocks_{search.row_tiles, history.fold} {
    if (search.lists.capacity > 0) {
      open_list(search.lists, target);
    } else {
      open_blocks(search, history, target);
    }
  }

  // Instead of the groups.
  KLEIO_KERNEL_CODE void take_all(const HistoryParams& history) {
    upper_ = nullptr;
    slots_ = nullptr;
    count_ = history.slots;
    log2_rows_per_group_ = 0;
  }

  // Whether there was no room for some of the rows.
  KLEIO_KERNEL_CODE bool are_cut() const { return cut_; }
  KLEIO_KERNEL_CODE std::uint32_t count() const { return count_; }
  KLEIO_KERNEL_CODE std::uint32_t log2_rows_per_group() const { return log2_rows_per_group_; }
  // [count], as SearchParams has them: null where nothing is known, and where one holds for both.
  KLEIO_KERNEL_CODE const float* upper() const { return upper_; }
  KLEIO_KERNEL_CODE const float* lower() const { return lower_; }

  // The slot of row `i` of a group; may lie past the last slot.
  KLEIO_KERNEL_CODE std::uint32_t slot(std::uint32_t group, std::uint32_t i) const {
    if (slots_ != nullptr) return slots_[group];
    return upper_ == nullptr ? group : blocks_.slot(group, i);
  }

 private:
  KLEIO_KERNEL_CODE void open_list(const CandidateLists& lists, std::uint32_t target) {
    const std::uint64_t first = std::uint64_t{target} * lists.capacity;
    const std::uint32_t reached = lists.counts[target];
    cut_ = reached > lists.capacity;
    count_ = cut_ ? lists.capacity : reached;
    upper_ = lists.estimates + first;
    slots_ = lists.slots + first;
  }

  KLEIO_KERNEL_CODE void open_blocks(const SearchParams& search, const HistoryParams& history,
                                     std::uint32_t target) {
    const std::uint64_t first =
        history.first_bound + std::uint64_t{target - history.first_target} * history.block_count;
    count_ = history.block_count;
    log2_rows_per_group_ = blocks_.log2_rows_per_block();
    upper_ = search.upper + first;
    if (search.lower != nullptr) lower_ = search.lower + first;
  }

  const RowBlocks blocks_;
  const float* upper_ = nullptr;
  const float* lower_ = nullptr;
  const std::uint32_t* slots_ = nullptr;
  std::uint32_t count_ = 0;
  std::uint32_t log2_rows_per_group_ = 0;
  bool cut_ = false;
};

}  // namespace kleio::cuda
