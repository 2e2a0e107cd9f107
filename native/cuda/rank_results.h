// What the ranking kernel writes: memory on the device, and the way from there to the callers.
#pragma once

#include <cstddef>

#include "cuda/device_buffer.h"
#include "cuda/lane.h"
#include "cuda/rank_batch.h"
#include "cuda/rank_params.h"

namespace kleio::cuda {

class RankResults {
 public:
  // Reserves places in the workspace's layout.
  RankResults(const RankBatch& batch, const RankModelParams& model, MemoryLayout& workspace);

  // Points `params` at the places and puts what must be there before the launch on the stream.
  void prepare(std::byte* workspace, Lane& lane, RankParams& params) const;
  // After the launch: copies to pinned memory, waits, and fills the callers' arrays.
  void collect(const RankParams& params, Lane& lane) const;

 private:
  std::size_t tiles() const noexcept;

  const RankBatch& batch_;
  std::size_t tower_width_, interest_width_;
  std::size_t tower_inputs_, arrivals_, probabilities_, interests_;  // offsets
};

}  // namespace kleio::cuda
