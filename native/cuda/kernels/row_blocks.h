// Which slots make up a block of rows: the map that scan and select share.
//
// A warp scans tiles of 16 * row_tiles neighbouring slots. Thread 4g + t of the warp holds the
// products of rows g, g + 8, g + 16, ... of the tile: 2 * row_tiles rows. A block is what `fold`
// neighbouring values of g hold between them.
#pragma once

#include <cstdint>

#include "core/host_device.h"
#include "cuda/kernels/search_params.h"

namespace kleio::cuda {

inline constexpr std::uint32_t kRowGroups = 8;  // values of g

// Of 1, 2, 4 or 8. Kernels divide by these with shifts: a division takes them a hundred cycles.
KLEIO_HOST_DEVICE constexpr std::uint32_t log2_up_to_8(std::uint32_t power) noexcept {
  return (power > 1 ? 1u : 0u) + (power > 2 ? 1u : 0u) + (power > 4 ? 1u : 0u);
}

struct RowBlocks {
  std::uint32_t row_tiles = 1;
  std::uint32_t fold = 1;

  KLEIO_HOST_DEVICE constexpr std::uint32_t tile_rows() const noexcept { return 16 * row_tiles; }
  KLEIO_HOST_DEVICE constexpr std::uint32_t rows_per_block() const noexcept {
    return 2 * row_tiles * fold;
  }
  KLEIO_HOST_DEVICE constexpr std::uint32_t log2_rows_per_block() const noexcept {
    return 1 + log2_up_to_8(row_tiles) + log2_up_to_8(fold);
  }
  KLEIO_HOST_DEVICE constexpr std::uint32_t blocks_per_tile() const noexcept {
    return kRowGroups / fold;
  }
  KLEIO_HOST_DEVICE constexpr std::uint32_t tiles(std::uint32_t slots) const noexcept {
    return (slots + tile_rows() - 1) / tile_rows();
  }
  KLEIO_HOST_DEVICE constexpr std::uint32_t blocks(std::uint32_t slots) const noexcept {
    return tiles(slots) * blocks_per_tile();
  }
  // The slot of row `i` of thread group g in a tile; may lie past the last slot.
  KLEIO_HOST_DEVICE constexpr std::uint32_t slot_in_tile(std::uint32_t tile, std::uint32_t g,
                                                         std::uint32_t i) const noexcept {
    return tile * tile_rows() + g + kRowGroups * i;
  }
  KLEIO_HOST_DEVICE constexpr std::uint32_t block_of(std::uint32_t tile,
                                                     std::uint32_t g) const noexcept {
    return tile * blocks_per_tile() + g / fold;
  }
  // The slot of row `i` of a block, i < rows_per_block(); may lie past the last slot.
  KLEIO_HOST_DEVICE constexpr std::uint32_t slot(std::uint32_t block,
                                                 std::uint32_t i) const noexcept {
    const std::uint32_t shift = log2_up_to_8(fold);
    const std::uint32_t first_group = block << shift;  // of all tiles
    return slot_in_tile(first_group / kRowGroups, first_group % kRowGroups + i % (1u << shift),
                        i >> shift);
  }
};

}  // namespace kleio::cuda
