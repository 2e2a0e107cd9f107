#include "cuda/request/batch_targets.h"

#include <algorithm>
#include <vector>

namespace kleio::cuda {
namespace {

// Of a stretch: some microseconds of work, for which another thread is worth its while.
constexpr std::uint32_t kStretchPlaces = 128;

// Asks for all of a row, so that it is there when it is read.
void fetch(const std::byte* row, std::size_t bytes) noexcept {
  constexpr std::size_t kLineBytes = 64;
  for (std::size_t at = 0; at < bytes; at += kLineBytes) __builtin_prefetch(row + at);
}

}  // namespace

std::uint32_t BatchTargets::target_count() const noexcept {
  std::size_t count = 0;
  for (const SearchSlice& slice : slices_) count += slice.count;
  return static_cast<std::uint32_t>(count);
}

void BatchTargets::encode(const TargetEncoder& encoder, std::uint32_t places, std::uint32_t rows,
                          const CallContext& context, const TargetArrays& out) const {
  std::vector<Stretch> stretches;
  std::uint32_t end = 0;
  std::uint32_t output = 0;
  std::uint32_t spare = target_count();
  for (std::uint32_t slice = 0; slice < slices_.size(); ++slice) {
    const std::uint32_t count = histories_[slice].target_count;
    for (std::uint32_t first = 0; first < count; first += kStretchPlaces) {
      const std::uint32_t length = std::min(count - first, kStretchPlaces);
      stretches.push_back({slice, first, length, output, spare, rows});
    }
    const auto targets = static_cast<std::uint32_t>(slices_[slice].count);
    output += targets;
    spare += count - targets;
    end = histories_[slice].first_target + count;
  }
  context.parallel_for(stretches.size(),
                       [&](std::size_t index) { encode(stretches[index], encoder, out); });
  for (; end < places; end += kTileTargets, spare += kTileTargets) {
    encoder.encode({.first_spare = spare, .rows = rows}, end / kTileTargets, out);
  }
}

// The rows of a tile are on their way while the tile before is encoded.
void BatchTargets::encode(const Stretch& stretch, const TargetEncoder& encoder,
                          const TargetArrays& out) const {
  const std::uint32_t first_place = histories_[stretch.slice].first_target;
  const std::uint32_t end = stretch.first + stretch.places;
  TargetTile next = tile_at(stretch, stretch.first);
  for (std::uint32_t place = stretch.first; place < end; place += kTileTargets) {
    const TargetTile present = next;
    if (place + kTileTargets < end) next = tile_at(stretch, place + kTileTargets);
    encoder.encode(present, (first_place + place) / kTileTargets, out);
  }
}

TargetTile BatchTargets::tile_at(const Stretch& stretch, std::uint32_t place) const {
  const SearchSlice& slice = slices_[stretch.slice];
  TargetTile tile;
  tile.count = std::min(kTileTargets, static_cast<std::uint32_t>(slice.count) - place);
  tile.history = stretch.slice;
  tile.first_output = stretch.first_output + place;
  tile.first_spare = stretch.first_spare;
  tile.rows = stretch.rows;
  for (std::uint32_t g = 0; g < tile.count; ++g) {
    tile.embeddings[g] = embedding_of(slice, slice.first + place + g);
    if (tile.embeddings[g] == nullptr) continue;
    fetch(tile.embeddings[g], table_.row_bytes());
  }
  return tile;
}

const std::byte* BatchTargets::embedding_of(const SearchSlice& slice, std::size_t target) const {
  const Targets& targets = *slice.targets;
  if (!targets.embeddings.empty()) {
    return targets.embeddings.data() + target * table_.row_bytes();
  }
  const std::int32_t row = targets.rows[target];
  return row < 0 ? nullptr : table_.row(static_cast<std::size_t>(row));
}

}  // namespace kleio::cuda
