// The targets of a batch of searches in the form the device reads, encoded by the call's threads.
//
// The results have rows for a bucket of targets, which are downloaded whole. So that none is left
// unwritten, places that only fill up tiles have the rows behind the last target's as theirs, in
// turn, and keep nothing there. There are always enough of them: places come in buckets of tiles.
#pragma once

#include <cstdint>
#include <span>

#include "core/call_context.h"
#include "core/table.h"
#include "cuda/kernels/search_params.h"
#include "cuda/request/search_slice.h"
#include "cuda/request/target_encoding.h"

namespace kleio::cuda {

class BatchTargets {
 public:
  // `histories` are the plan's, one for each slice.
  BatchTargets(const Table& table, std::span<const SearchSlice> slices,
               std::span<const HistoryParams> histories)
      : table_(table), slices_(slices), histories_(histories) {}

  // Encodes every tile of a launch with `places` places for targets; those behind the last
  // history's only fill it up. The results have `rows` rows.
  void encode(const TargetEncoder& encoder, std::uint32_t places, std::uint32_t rows,
              const CallContext& context, const TargetArrays& out) const;

 private:
  // Neighbouring tiles of a slice.
  struct Stretch {
    std::uint32_t slice = 0;
    std::uint32_t first = 0;  // place within the slice, a multiple of kTileTargets
    std::uint32_t places = 0;
    std::uint32_t first_output = 0;  // of the slice, as the next one
    std::uint32_t first_spare = 0;
    std::uint32_t rows = 0;
  };

  std::uint32_t target_count() const noexcept;
  void encode(const Stretch& stretch, const TargetEncoder& encoder, const TargetArrays& out) const;
  TargetTile tile_at(const Stretch& stretch, std::uint32_t place) const;
  const std::byte* embedding_of(const SearchSlice& slice, std::size_t target) const;

  const Table& table_;
  std::span<const SearchSlice> slices_;
  std::span<const HistoryParams> histories_;
};

}  // namespace kleio::cuda
