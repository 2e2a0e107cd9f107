// Dots of a batch of scattered rows with one target, a row a thread, read by eight threads a row.
//
// A thread that read its row alone would touch 32 lines with every load of its warp. So eight
// threads read the eight rows of their group together, neighbouring threads neighbouring bytes, and
// then hand each other the sums: seven shuffles for eight rows.
#pragma once

#include <cstdint>

#include "cuda/kernels/search_params.h"
#include "cuda/kernels/words.cuh"

namespace kleio::cuda {

inline constexpr std::uint32_t kNoRow = 0xffffffffu;
inline constexpr std::uint32_t kGroupThreads = 8;

template <typename Block, CodeType kCode>
class RowDots {
 public:
  using Sum = CodeSum<kCode>;
  using Rows = typename Block::template Shared<std::uint32_t>;

  KLEIO_KERNEL_CODE RowDots(Block& block, const SearchParams& search, std::uint32_t target)
      : block_(block), table_(search.table), pieces_(search.table.code_row_bytes / sizeof(Words)) {
    // Of the tile's fragments, those of the target: 4 pieces of 16 bytes a chunk.
    target_ = search.targets.codes +
              std::uint64_t{target / kTileTargets} * kTileTargets * table_.code_row_bytes +
              target % kTileTargets * 4 * sizeof(Words);
  }

  // rows: by thread, kNoRow: none, its sum is 0. A barrier lies between their writing and this.
  KLEIO_KERNEL_CODE void compute(const Rows& rows) {
    block_.each([&](std::uint32_t thread) {
      Sum(&of)[kGroupThreads] = partial_[thread].of;
      KLEIO_UNROLL for (std::uint32_t i = 0; i < kGroupThreads; i += kRowsAhead) {
        std::uint32_t row[kRowsAhead];
        KLEIO_UNROLL for (std::uint32_t r = 0; r < kRowsAhead; ++r) {
          row[r] = rows.get(thread / kGroupThreads * kGroupThreads + i + r);
          of[i + r] = 0;
        }
        for (std::uint32_t p = thread % kGroupThreads; p < pieces_; p += kGroupThreads) {
          add_pieces(row, p, of + i);
        }
      }
    });
    halve<4>();
    halve<2>();
    halve<1>();
  }

  KLEIO_KERNEL_CODE Sum of(std::uint32_t thread) const { return partial_[thread].of[0]; }

 private:
  struct Partial {
    Sum of[kGroupThreads];
  };

  // Rows of which a thread loads a piece before it multiplies the first: 4 KB a warp. To widen
  // 16-bit codes takes registers, and where a block has other warps half of it is enough.
  static constexpr std::uint32_t kRowsAhead =
      kCode == CodeType::kInt8 || Block::kThreads == kWarpLanes ? 8 : 4;

  // Of rows with the target's piece p.
  KLEIO_KERNEL_CODE void add_pieces(const std::uint32_t (&row)[kRowsAhead], std::uint32_t p,
                                    Sum* of) const {
    const Words target = Block::load(target_ + (p / 4 * kWarpLanes + p % 4) * sizeof(Words));
    Words words[kRowsAhead];
    KLEIO_UNROLL for (std::uint32_t r = 0; r < kRowsAhead; ++r) words[r] = piece(row[r], p);
    KLEIO_UNROLL for (std::uint32_t r = 0; r < kRowsAhead; ++r) {
      if constexpr (kCode == CodeType::kInt8) {
        of[r] = dot_of_codes(words[r], target, of[r]);
      } else {
        of[r] = dot_of_codes<kCode>(words[r], target, of[r]);
      }
    }
  }

  KLEIO_KERNEL_CODE Words piece(std::uint32_t row, std::uint32_t p) const {
    if (row == kNoRow) return {};
    return Block::load(table_.codes + std::uint64_t{row} * table_.code_row_bytes +
                       p * sizeof(Words));
  }

  // Threads that differ in bit kWidth swap halves of their sums: each keeps kWidth of 2 * kWidth.
  template <std::uint32_t kWidth>
  KLEIO_KERNEL_CODE void halve() {
    KLEIO_UNROLL for (std::uint32_t i = 0; i < kWidth; ++i) {
      block_.shuffle_xor(
          kWidth,
          [&](std::uint32_t thread) {
            return (thread & kWidth) != 0 ? partial_[thread].of[i]
                                          : partial_[thread].of[i + kWidth];
          },
          [&](std::uint32_t thread, Sum other) {
            Sum(&of)[kGroupThreads] = partial_[thread].of;
            of[i] = ((thread & kWidth) != 0 ? of[i + kWidth] : of[i]) + other;
          });
    }
  }

  Block& block_;
  const TableParams& table_;
  const std::uint32_t pieces_;
  const std::byte* target_;
  typename Block::template PerThread<Partial> partial_;
};

}  // namespace kleio::cuda
