// The results of a batch in one piece of memory, which has the same layout on the device and where
// it is downloaded to. It has rows for a bucket of targets: those behind the last are written too,
// for targets that only fill up tiles (cuda/request/batch_targets.h).
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>

#include "core/search.h"
#include "cuda/device/device_buffer.h"
#include "cuda/request/result_layout.h"
#include "cuda/request/search_batch.h"
#include "cuda/request/shape_buckets.h"

namespace kleio::cuda {

class SearchResults {
 public:
  SearchResults(std::size_t targets, std::uint32_t k)
      : targets_(targets),
        k_(k),
        positions_(layout_.add<std::int32_t>(bucket_of(targets) * k)),
        scores_(layout_.add<float>(bucket_of(targets) * k)),
        counts_(layout_.add<SelectCounts>(bucket_of(targets))) {}

  std::size_t bytes() const noexcept { return layout_.bytes(); }

  SearchOutputs on_device(std::byte* memory) const noexcept {
    return {at<std::int32_t>(memory, positions_), at<float>(memory, scores_),
            at<SelectCounts>(memory, counts_)};
  }

  // Rows first_row .. first_row + count - 1 to the targets of `kept` from `first_target` on.
  void copy(std::byte* downloaded, std::size_t first_row, std::size_t count,
            std::size_t first_target, const KeptView& kept) const {
    const SearchOutputs results = on_device(downloaded);
    std::copy_n(results.positions + first_row * k_, count * k_,
                kept.positions.begin() + static_cast<std::ptrdiff_t>(first_target * k_));
    std::copy_n(results.scores + first_row * k_, count * k_,
                kept.scores.begin() + static_cast<std::ptrdiff_t>(first_target * k_));
  }

  struct Cost {
    std::uint64_t visited_rows = 0;
    std::uint64_t compactions = 0;
    std::uint64_t overflows = 0;
  };
  Cost cost(std::byte* downloaded) const noexcept {
    Cost cost;
    const SelectCounts* counts = on_device(downloaded).counts;
    for (std::size_t t = 0; t < targets_; ++t) {
      cost.visited_rows += counts[t].visited_rows;
      cost.compactions += counts[t].compactions;
      cost.overflows += counts[t].overflows;
    }
    return cost;
  }

 private:
  ResultLayout layout_;
  std::size_t targets_;
  std::size_t k_;
  std::size_t positions_, scores_, counts_;
};

}  // namespace kleio::cuda
