// The results of a launch of rankings in one piece of memory, which has the same layout on the
// device and where it is downloaded to. It has rows for a bucket of candidates, of which the launch
// writes all.
#pragma once

#include <cstddef>
#include <cstdint>

#include "cuda/device/device_buffer.h"
#include "cuda/kernels/rank_params.h"
#include "cuda/request/rank_batch.h"
#include "cuda/request/result_layout.h"
#include "cuda/request/search_batch.h"

namespace kleio::cuda {

class RankResults {
 public:
  RankResults(const RankBatch& batch, const RankModelParams& model);

  std::size_t bytes() const noexcept { return layout_.bytes(); }

  // Where the kernel writes; what nobody wants keeps the place that `params` has for it.
  void place_in(std::byte* memory, RankParams& params) const noexcept;
  // Where it writes what it selects; only for a batch that selects.
  SearchOutputs selected_in(std::byte* memory) const noexcept;

  // Hands the downloaded results to the callers.
  void deliver(std::byte* downloaded) const noexcept;
  // What selecting them cost, in all.
  SelectCounts cost(std::byte* downloaded) const noexcept;

 private:
  // An array with a row for every place of a candidate.
  struct Column {
    std::size_t offset = 0;
    std::size_t row_bytes = 0;  // 0: nobody wants it
  };
  template <typename Element>
  Column add(std::size_t row_elements, bool wanted) noexcept;

  const RankBatch& batch_;
  ResultLayout layout_;
  Column probabilities_, interests_, tower_inputs_, positions_, scores_, counts_;
};

}  // namespace kleio::cuda
