// Products of rows with targets on tensor cores: what the scans have in common.
//
// Formula   sum[r][t] = sum_d code[r][d] * target[t][d];  estimate[r][t] = float(sum) * factor[r]
// Shapes    codes [rows][code_row_bytes], gathered by slot -> row; targets in fragment order
//           (cuda/kernels/search_params.h); 16-byte alignment. A warp takes a tile of 16 *
//           kRowTiles slots and all targets of its item.
// Exactness int8: the dot is exact in int32, the estimate has three float32 roundings. Others:
//           float32 accumulation in the order of the hardware; cuda/request/target_encoding.h
//           bounds both.
// NaN       the factor of a zero row, of a slot that is not eligible and of one past the end is
//           NaN, and so are their estimates.
// Cost      each row is read from memory once an item, 2 * dim operations a row and target.
// Layout    The dot does not change when both sides permute dimensions alike. So a thread loads 16
//           neighbouring bytes of rows g and g + 8, and its four words serve as the fragments of
//           two successive mma.sync, without shared memory, ldmatrix or shuffles; targets are
//           stored in the order in which lanes read them and stay in L1. Rows of up to 256 bytes
//           stay in registers while all targets pass (64 registers of codes); longer ones are read
//           again for every 4 tiles of targets, which is what registers hold. These sizes are
//           computed, not yet measured on a GPU.
#pragma once

#include <cstdint>
#include <type_traits>

#include "cuda/kernels/execution.h"
#include "cuda/kernels/history_slot.cuh"
#include "cuda/kernels/least_sums.cuh"
#include "cuda/kernels/row_blocks.h"
#include "cuda/kernels/search_params.h"
#include "cuda/kernels/words.cuh"

namespace kleio::cuda {

inline constexpr std::uint32_t kScanThreads = 256;

// kChunks: 64-byte chunks of a row that stay in registers; 0: rows are streamed.
template <CodeType kCodeType, std::uint32_t kTiles, std::uint32_t kResidentChunks, bool kHasWeights>
struct ScanShape {
  static constexpr CodeType kCode = kCodeType;
  static constexpr std::uint32_t kRowTiles = kTiles;
  static constexpr std::uint32_t kRows = 2 * kTiles;  // of a thread
  static constexpr bool kResident = kResidentChunks > 0;
  static constexpr std::uint32_t kChunks = kResident ? kResidentChunks : 1;
  static constexpr std::uint32_t kTargetTiles = kResident ? 1 : 4;  // that accumulate at a time
  static constexpr bool kWeighted = kHasWeights;
  using Sum = CodeSum<kCodeType>;
  // An integer sum that starts at kBiasBits is, read as float32, kBias plus the dot, as long as
  // |dot| <= 2^22: up to 256 dimensions, so in every resident shape. One float subtraction, exact,
  // then replaces the conversion, which runs at half its rate.
  static constexpr bool kBiased = kCodeType == CodeType::kInt8 && kResident;
};

template <typename Block, typename Shape>
class RowProducts {
 public:
  using Sum = typename Shape::Sum;

  // Of every stride-th slot of the item's history.
  KLEIO_KERNEL_CODE RowProducts(Block& block, const SearchParams& search, const ScanItem& item,
                                const HistoryParams& history, std::uint32_t stride)
      : block_(block),
        search_(search),
        item_(item),
        history_(history),
        stride_(stride),
        chunks_(search.table.code_row_bytes / kCodeChunkBytes) {}

  KLEIO_KERNEL_CODE static std::uint32_t lane(std::uint32_t thread) { return thread % kWarpLanes; }
  KLEIO_KERNEL_CODE static std::uint32_t group(std::uint32_t thread) { return lane(thread) / 4; }

  // Finds the rows of the item's tiles from `step` on, one tile a warp, and loads them where they
  // stay.
  KLEIO_KERNEL_CODE void open(std::uint32_t step) {
    block_.each([&](std::uint32_t thread) {
      State& state = state_[thread];
      const std::uint32_t within = step + thread / kWarpLanes;
      state.tile = within < item_.row_tile_count ? item_.first_row_tile + within : kNotEligible;
      KLEIO_UNROLL for (std::uint32_t i = 0; i < Shape::kRows; ++i) open_row(state, thread, i);
      if constexpr (Shape::kResident) {
        KLEIO_UNROLL for (std::uint32_t c = 0; c < Shape::kChunks; ++c) {
          if (c < chunks_) load_rows(state, c, c);
        }
      }
    });
  }

  // Multiplies them with `count` tiles of targets, at most kTargetTiles.
  KLEIO_KERNEL_CODE void multiply(std::uint32_t first_tile, std::uint32_t count) {
    block_.each([&](std::uint32_t thread) {
      KLEIO_UNROLL for (std::uint32_t n = 0; n < Shape::kTargetTiles; ++n) {
        KLEIO_UNROLL for (std::uint32_t m = 0; m < Shape::kRowTiles; ++m) {
          KLEIO_UNROLL for (int i = 0; i < 4; ++i) {
            state_[thread].sums[n][m][i] = Shape::kBiased ? kBiasBits : 0;
          }
        }
      }
    });
    if constexpr (Shape::kResident) {
      block_.each([&](std::uint32_t thread) {
        KLEIO_UNROLL for (std::uint32_t c = 0; c < Shape::kChunks; ++c) {
          if (c < chunks_) load_targets(state_[thread], thread, c, first_tile, c);
        }
      });
      KLEIO_UNROLL for (std::uint32_t c = 0; c < Shape::kChunks; ++c) {
        if (c < chunks_) multiply_add(c, 0);
      }
    } else {
      for (std::uint32_t c = 0; c < chunks_; ++c) {
        block_.each([&](std::uint32_t thread) { load_rows(state_[thread], 0, c); });
        KLEIO_UNROLL for (std::uint32_t n = 0; n < Shape::kTargetTiles; ++n) {
          if (n < count) {
            block_.each([&](std::uint32_t thread) {
              load_targets(state_[thread], thread, 0, first_tile + n, c);
            });
            multiply_add(0, n);
          }
        }
      }
    }
  }

  // Of the thread's row tile; kNotEligible: the warp has none.
  KLEIO_KERNEL_CODE std::uint32_t tile(std::uint32_t thread) const { return state_[thread].tile; }
  KLEIO_KERNEL_CODE float factor(std::uint32_t thread, std::uint32_t i) const {
    return state_[thread].factors[i];
  }
  KLEIO_KERNEL_CODE float weight(std::uint32_t thread, std::uint32_t i) const {
    return state_[thread].weights[i];
  }

  // Of the thread's row `i` with target 2 * (thread % 4) + column of the n-th tile of targets.
  KLEIO_KERNEL_CODE Sum sum(std::uint32_t thread, std::uint32_t n, std::uint32_t i,
                            std::uint32_t column) const {
    return state_[thread].sums[n][i / 2][i % 2 * 2 + column];
  }
  KLEIO_KERNEL_CODE float estimate(std::uint32_t thread, std::uint32_t n, std::uint32_t i,
                                   std::uint32_t column) const {
    return value_of(sum(thread, n, i, column)) * factor(thread, i);
  }

 private:
  struct State {
    std::uint32_t tile = 0;
    const std::byte* rows[Shape::kRows];
    float factors[Shape::kRows];
    float weights[Shape::kWeighted ? Shape::kRows : 1];
    Words a[Shape::kChunks][Shape::kRows];
    Words b[Shape::kChunks];
    Sum sums[Shape::kTargetTiles][Shape::kRowTiles][4];
  };

  KLEIO_KERNEL_CODE void open_row(State& state, std::uint32_t thread, std::uint32_t i) const {
    const RowBlocks blocks{Shape::kRowTiles, 1};
    const std::uint32_t slot = blocks.slot_in_tile(state.tile, group(thread), i) * stride_;
    const bool present = state.tile != kNotEligible && slot < history_.slots;
    const HistorySlot found = present ? slot_of_history(history_, slot) : HistorySlot{};
    const bool eligible = found.newest != kNotEligible;
    const std::uint32_t row = eligible ? found.row : 0;
    const TableParams& table = search_.table;
    state.rows[i] = table.codes + std::uint64_t{row} * table.code_row_bytes + 16 * (thread % 4);
    state.factors[i] = eligible ? table.factors[row] : float_of_bits(0x7fc00000u);
    if constexpr (Shape::kWeighted) state.weights[i] = eligible ? table.weights[row] : 0.0f;
  }

  KLEIO_KERNEL_CODE static void load_rows(State& state, std::uint32_t place, std::uint32_t chunk) {
    KLEIO_UNROLL for (std::uint32_t i = 0; i < Shape::kRows; ++i) {
      const std::byte* words = state.rows[i] + chunk * kCodeChunkBytes;
      state.a[place][i] = Shape::kResident ? Block::load_once(words) : Block::load(words);
    }
  }

  KLEIO_KERNEL_CODE void load_targets(State& state, std::uint32_t thread, std::uint32_t place,
                                      std::uint32_t tile, std::uint32_t chunk) const {
    const std::uint64_t fragment = std::uint64_t{tile} * chunks_ + chunk;
    state.b[place] =
        Block::load(search_.targets.codes + (fragment * kWarpLanes + lane(thread)) * sizeof(Words));
  }

  // Words 2s and 2s + 1 of a chunk are the fragments of its s-th instruction.
  KLEIO_KERNEL_CODE void multiply_add(std::uint32_t place, std::uint32_t n) {
    KLEIO_UNROLL for (std::uint32_t s = 0; s < 4; s += 2) {
      KLEIO_UNROLL for (std::uint32_t m = 0; m < Shape::kRowTiles; ++m) {
        block_.template multiply_add<Shape::kCode>([&](std::uint32_t thread) {
          State& state = state_[thread];
          const Words& low = state.a[place][2 * m];
          const Words& high = state.a[place][2 * m + 1];
          const Words& target = state.b[place];
          return MmaOperands<Sum>{state.sums[n][m],
                                  {low.w[s], high.w[s], low.w[s + 1], high.w[s + 1]},
                                  {target.w[s], target.w[s + 1]}};
        });
      }
    }
  }

  KLEIO_KERNEL_CODE static float value_of(Sum sum) {
    if constexpr (Shape::kBiased) return float_of_bits(static_cast<std::uint32_t>(sum)) - kBias;
    return static_cast<float>(sum);
  }

  Block& block_;
  const SearchParams& search_;
  // Copies: a reference to a part of what holds this would keep all of it out of registers.
  const ScanItem item_;
  const HistoryParams history_;
  const std::uint32_t stride_;
  const std::uint32_t chunks_;
  typename Block::template PerThread<State> state_;
};

}  // namespace kleio::cuda
