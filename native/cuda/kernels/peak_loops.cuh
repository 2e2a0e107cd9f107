// The loops of cuda/kernels/peak_kernels.h.
//
// mma.sync is what the search kernels use; Hopper's wgmma may be faster, and is no peak of theirs.
// Operands are not zero, whose products would cost less power, yet every sum stays zero: b holds
// each of its values with both signs.
#pragma once

#include <cmath>
#include <cstdint>
#include <type_traits>

#include "cuda/kernels/execution.h"
#include "cuda/kernels/peak_kernels.h"
#include "cuda/kernels/search_params.h"

namespace kleio::cuda {

template <CodeType kCode, typename Block>
KLEIO_KERNEL_CODE void peak_of_matrix_units(Block& block, const PeakParams& params) {
  using Sum = CodeSum<kCode>;
  constexpr std::uint32_t kRow = 0x2e2e2e2eu;  // 46 as int8, 0.096 as float16
  constexpr std::uint32_t kColumn = kCode == CodeType::kInt8 ? 0x2ed22ed2u : 0x2e2eae2eu;
  struct State {
    Sum sums[kPeakSums][4];
  };
  typename Block::template PerThread<State> state;
  block.each([&](std::uint32_t thread) {
    KLEIO_UNROLL for (std::uint32_t n = 0; n < kPeakSums; ++n) {
      KLEIO_UNROLL for (int i = 0; i < 4; ++i) state[thread].sums[n][i] = 0;
    }
  });
  for (std::uint32_t iteration = 0; iteration < params.iterations; ++iteration) {
    KLEIO_UNROLL for (std::uint32_t n = 0; n < kPeakSums; ++n) {
      block.template multiply_add<kCode>([&](std::uint32_t thread) {
        return MmaOperands<Sum>{
            state[thread].sums[n], {kRow, kRow, kRow, kRow}, {kColumn, kColumn}};
      });
    }
  }
  block.each([&](std::uint32_t thread) {
    KLEIO_UNROLL for (std::uint32_t n = 0; n < kPeakSums; ++n) {
      if (state[thread].sums[n][0] == Sum{1}) *params.unreached = 1;
    }
  });
}

template <typename Block>
KLEIO_KERNEL_CODE void peak_of_float_units(Block& block, const PeakParams& params) {
  struct State {
    float sums[kPeakSums];
  };
  typename Block::template PerThread<State> state;
  block.each([&](std::uint32_t thread) {
    State& own = state[thread];
    KLEIO_UNROLL for (std::uint32_t n = 0; n < kPeakSums; ++n) {
      own.sums[n] = static_cast<float>(n);
    }
    for (std::uint32_t iteration = 0; iteration < params.iterations; ++iteration) {
      KLEIO_UNROLL for (std::uint32_t n = 0; n < kPeakSums; ++n) {
        own.sums[n] = fmaf(own.sums[n], params.factor, params.factor);
      }
    }
    KLEIO_UNROLL for (std::uint32_t n = 0; n < kPeakSums; ++n) {
      if (own.sums[n] < 0.0f) *params.unreached = 1;
    }
  });
}

// Past L1, as a scan reads its rows. The memory holds zeros.
template <typename Block>
KLEIO_KERNEL_CODE void peak_of_reading(Block& block, const PeakParams& params) {
  block.each([&](std::uint32_t thread) {
    std::uint32_t seen = 0;
    for (std::uint32_t pass = 0; pass < params.iterations; ++pass) {
      for (std::uint32_t piece = block.index(); piece < params.pieces; piece += params.blocks) {
        const std::byte* from =
            params.memory + std::uint64_t{piece} * kPeakPieceBytes + thread * sizeof(Words);
        Words words[kPeakLoads];
        KLEIO_UNROLL for (std::uint32_t i = 0; i < kPeakLoads; ++i) {
          words[i] = Block::load_once(from + i * kPeakThreads * sizeof(Words));
        }
        KLEIO_UNROLL for (std::uint32_t i = 0; i < kPeakLoads; ++i) {
          seen |= words[i].w[0] | words[i].w[1] | words[i].w[2] | words[i].w[3];
        }
      }
    }
    if (seen != 0) *params.unreached = 1;
  });
}

}  // namespace kleio::cuda
