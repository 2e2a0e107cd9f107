// The rows of an append's item in shared memory, tile after tile of 256, as wgmma reads them, with
// their factors.
//
// Rows are gathered by slot -> row, 16 bytes at a time by cp.async: no tensor map describes them.
// While one tile is multiplied, the next two are on their way, and of the two after them the rows
// and the slots are looked up, by a thread each, so that no load is waited for where it was begun.
#pragma once

#include <cstdint>

#include "cuda/kernels/execution.h"
#include "cuda/kernels/history_slot.cuh"
#include "cuda/kernels/least_sums.cuh"
#include "cuda/kernels/scan_shapes.cuh"
#include "cuda/kernels/search_params.h"
#include "cuda/kernels/wgmma_append_layout.h"
#include "cuda/kernels/wgmma_layout.h"
#include "cuda/kernels/words.cuh"

namespace kleio::cuda {

template <typename Block, std::uint32_t kRowBytes>
class RowStages {
  static_assert(Block::kThreads == kWgmmaTileRows);

 public:
  KLEIO_KERNEL_CODE RowStages(Block& block, const SearchParams& search, const ScanItem& item,
                              const WgmmaAppendLayout& layout)
      : block_(block),
        table_(search.table),
        history_(search.histories[item.history]),
        first_slot_(item.first_row_tile * kItemTileRows),
        end_slot_(end_of_item(item, history_.slots)),
        tiles_(first_slot_ < end_slot_
                   ? (end_slot_ - first_slot_ + kWgmmaTileRows - 1) / kWgmmaTileRows
                   : 0),
        codes_(layout.codes),
        rows_(block.template shared<std::uint32_t>(layout.rows, 2 * kWgmmaTileRows)),
        factors_(block.template shared<float>(layout.factors, kWgmmaStages * kWgmmaTileRows)),
        reciprocals_(block.template shared<std::uint64_t>(layout.reciprocals,
                                                          kWgmmaStages * kWgmmaGroups * 4)) {}

  KLEIO_KERNEL_CODE std::uint32_t tiles() const { return tiles_; }
  KLEIO_KERNEL_CODE std::uint32_t slot(std::uint32_t tile, std::uint32_t row) const {
    return first_slot_ + tile * kWgmmaTileRows + row;
  }

  // Before the first tile.
  KLEIO_KERNEL_CODE void open() {
    block_.each([&](std::uint32_t thread) {
      state_[thread].row = kNotEligible;
      state_[thread].factor = float_of_bits(0x7fc00000u);
    });
    for (std::uint32_t ahead = 0; ahead < kLookedUpAhead; ++ahead) advance(ahead);
  }
  // Before each. All threads have done with the tile before it, but may ask for its factors.
  KLEIO_KERNEL_CODE void next(std::uint32_t tile) { advance(tile + kLookedUpAhead); }

  // Where a half's codes begin in shared memory, in bytes.
  KLEIO_KERNEL_CODE std::uint32_t codes(std::uint32_t tile, std::uint32_t half) const {
    return codes_ + (tile % kWgmmaStages * 2 + half) * (kWgmmaColumns * kSwizzleLine);
  }
  // NaN of a row that is none.
  KLEIO_KERNEL_CODE float factor(std::uint32_t tile, std::uint32_t row) const {
    return factors_.get(tile % kWgmmaStages * kWgmmaTileRows + row);
  }
  // Of the rows of a group of which a thread with this thread % 4 holds sums.
  KLEIO_KERNEL_CODE Reciprocals reciprocals(std::uint32_t tile, std::uint32_t group,
                                            std::uint32_t quarter) const {
    const std::uint64_t around = reciprocals_.get(place_of_reciprocals(tile, group, quarter));
    return {float_of_bits(static_cast<std::uint32_t>(around)),
            float_of_bits(static_cast<std::uint32_t>(around >> 32))};
  }

 private:
  // Tiles between looking up a tile's slots and multiplying it, and between copying and
  // multiplying.
  static constexpr std::uint32_t kLookedUpAhead = 4;
  static constexpr std::uint32_t kCopiedAhead = 2;
  // Slots of a row tile of an append's item.
  static constexpr std::uint32_t kItemTileRows = 16 * wide_row_tiles(kRowBytes, false);

  template <typename T>
  using Shared = typename Block::template Shared<T>;

  // Of the row that a thread looks up.
  struct State {
    std::uint32_t row;   // in the tile looked up last
    float factor;        // in the tile before it
    Reciprocals around;  // the factors of eight rows
  };

  KLEIO_KERNEL_CODE static std::uint32_t end_of_item(const ScanItem& item, std::uint32_t slots) {
    const std::uint32_t end = (item.first_row_tile + item.row_tile_count) * kItemTileRows;
    return end < slots ? end : slots;
  }

  // One step of what is done for tiles before they are multiplied. `ahead`: the last of these.
  KLEIO_KERNEL_CODE void advance(std::uint32_t ahead) {
    block_.template wait_copies<kCopiedAhead - 1>();
    block_.fence_async();
    // What other threads have copied and looked up is there, and all have done with the last tile.
    block_.barrier();
    const std::uint32_t copied = ahead - (kLookedUpAhead - kCopiedAhead);  // may be none
    if (copied < tiles_) block_.each([&](std::uint32_t thread) { copy_rows(thread, copied); });
    block_.commit_copies();
    block_.each([&](std::uint32_t thread) { put_factor(thread, copied); });
    fold_reciprocals(1);
    fold_reciprocals(8);
    fold_reciprocals(16);
    block_.each([&](std::uint32_t thread) {
      put_reciprocals(thread, copied);
      look_up(thread, ahead);
    });
  }

  KLEIO_KERNEL_CODE void copy_rows(std::uint32_t thread, std::uint32_t tile) const {
    constexpr std::uint32_t kChunks = kRowBytes / kSwizzleChunk;
    const std::uint32_t chunk = thread % kChunks;
    const std::uint32_t start = codes(tile, 0);
    KLEIO_UNROLL for (std::uint32_t i = 0; i < kWgmmaTileRows * kChunks / Block::kThreads; ++i) {
      const std::uint32_t place = i * (Block::kThreads / kChunks) + thread / kChunks;
      const std::uint32_t row = rows_.get(tile % 2 * kWgmmaTileRows + place);
      const bool present = row != kNotEligible;
      const std::uint64_t offset = std::uint64_t{present ? row : 0} * kRowBytes;
      block_.copy_async(start + wgmma_b_offset(place, chunk),
                        table_.codes + offset + chunk * kSwizzleChunk, present);
    }
  }

  KLEIO_KERNEL_CODE void put_factor(std::uint32_t thread, std::uint32_t tile) {
    State& state = state_[thread];
    state.around = Reciprocals::of_none();
    state.around.take(state.factor);
    factors_.set(tile % kWgmmaStages * kWgmmaTileRows + thread, state.factor);
  }

  // A thread of an accumulator has columns 2t and 2t + 1 of each eight: over lanes that differ in
  // these bits.
  KLEIO_KERNEL_CODE void fold_reciprocals(std::uint32_t lane_mask) {
    block_.shuffle_xor(
        lane_mask, [&](std::uint32_t thread) { return state_[thread].around.least; },
        [&](std::uint32_t thread, float other) {
          state_[thread].around.least = fminf(state_[thread].around.least, other);
        });
    block_.shuffle_xor(
        lane_mask, [&](std::uint32_t thread) { return state_[thread].around.largest; },
        [&](std::uint32_t thread, float other) {
          state_[thread].around.largest = fmaxf(state_[thread].around.largest, other);
        });
  }

  KLEIO_KERNEL_CODE static std::uint32_t place_of_reciprocals(std::uint32_t tile,
                                                              std::uint32_t group,
                                                              std::uint32_t quarter) {
    return (tile % kWgmmaStages * kWgmmaGroups + group) * 4 + quarter;
  }

  KLEIO_KERNEL_CODE void put_reciprocals(std::uint32_t thread, std::uint32_t tile) {
    const std::uint32_t lane = thread % kWarpLanes;
    if (lane >= 8 || lane % 2 != 0) return;
    const Reciprocals around = state_[thread].around.rounded_outwards();
    reciprocals_.set(place_of_reciprocals(tile, thread / kWarpLanes, lane / 2),
                     std::uint64_t{float_bits(around.largest)} << 32 | float_bits(around.least));
  }

  // The next of three loads that wait for one another: of a slot, of its row's factor, of the row.
  KLEIO_KERNEL_CODE void look_up(std::uint32_t thread, std::uint32_t tile) {
    State& state = state_[thread];
    rows_.set((tile - 1) % 2 * kWgmmaTileRows + thread, state.row);
    state.factor =
        state.row != kNotEligible ? table_.factors[state.row] : float_of_bits(0x7fc00000u);
    const std::uint32_t slot = first_slot_ + tile * kWgmmaTileRows + thread;
    HistorySlot found;
    if (tile < tiles_ && slot < end_slot_) found = slot_of_history(history_, slot);
    state.row = found.newest != kNotEligible ? found.row : kNotEligible;
  }

  Block& block_;
  const TableParams& table_;
  const HistoryParams history_;
  const std::uint32_t first_slot_;
  const std::uint32_t end_slot_;
  const std::uint32_t tiles_;
  const std::uint32_t codes_;
  const Shared<std::uint32_t> rows_;
  const Shared<float> factors_;
  const Shared<std::uint64_t> reciprocals_;
  typename Block::template PerThread<State> state_;
};

}  // namespace kleio::cuda
