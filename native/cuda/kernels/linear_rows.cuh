// Linear layers over rows in shared memory, float32.
//
// Formula    y[r] = activation(W x[r] + b)
// Order      as LinearParams says: two sums in ascending order of the inputs, then their sum; of
//            each output of each row by itself, so neither rows nor threads show in a result.
// Tile       a thread computes kRows rows by 4 outputs: a 16-byte load of weights serves 4 * kRows
//            multiply-adds. Weights come from the caches (a head's 64 x 128 are 32 KiB), rows are
//            read by broadcast.
#pragma once

#include <cstdint>

#include "cuda/kernels/execution.h"
#include "cuda/kernels/float_math.h"
#include "cuda/kernels/rank_params.h"

#ifdef __CUDACC__
#define KLEIO_UNROLL_4 _Pragma("unroll 4")
#else
#define KLEIO_UNROLL_4
#endif

namespace kleio::cuda {

struct alignas(16) Float4 {
  float lanes[4];
};

KLEIO_KERNEL_CODE Float4 load_4(const float* from) {
  return *reinterpret_cast<const Float4*>(from);
}

// Rows of floats in shared memory.
template <typename Block>
struct SharedRows {
  typename Block::template Shared<float> values;
  std::uint32_t stride;

  KLEIO_KERNEL_CODE float get(std::uint32_t row, std::uint32_t column) const {
    return values.get(row * stride + column);
  }
  KLEIO_KERNEL_CODE void set(std::uint32_t row, std::uint32_t column, float value) const {
    values.set(row * stride + column, value);
  }
};

// sums[r][o] += x[first_row + r] . weights of output 4 * quad + o, over the inputs [begin, end),
// the first of which is column `column` of x. Rows past the last repeat it.
template <std::uint32_t kRows, typename Block>
KLEIO_KERNEL_CODE void add_products(float (&sums)[kRows][4], const LinearParams& linear,
                                    std::uint32_t quad, const SharedRows<Block>& x,
                                    std::uint32_t first_row, std::uint32_t last_row,
                                    std::uint32_t column, std::uint32_t begin, std::uint32_t end) {
  const float* weight = linear.weight + std::size_t{begin} * linear.stride + 4 * quad;
  KLEIO_UNROLL_4
  for (std::uint32_t input = begin; input < end; ++input, ++column, weight += linear.stride) {
    const Float4 weights = load_4(weight);
    KLEIO_UNROLL
    for (std::uint32_t r = 0; r < kRows; ++r) {
      const std::uint32_t row = first_row + r < last_row ? first_row + r : last_row;
      const float value = x.get(row, column);
      KLEIO_UNROLL
      for (std::uint32_t o = 0; o < 4; ++o) {
        sums[r][o] = fmaf(value, weights.lanes[o], sums[r][o]);
      }
    }
  }
}

// y[r] for `rows` rows, all `stride` outputs; those from `silu_from` on go through SiLU. Ends with
// a barrier.
template <std::uint32_t kRows, typename Block>
KLEIO_KERNEL_CODE void project(Block& block, const LinearParams& linear, std::uint32_t silu_from,
                               const SharedRows<Block>& x, std::uint32_t rows,
                               const SharedRows<Block>& y) {
  const std::uint32_t quads = linear.stride / 4;
  const std::uint32_t tiles = quads * ((rows + kRows - 1) / kRows);
  block.each([&](std::uint32_t thread) {
    for (std::uint32_t tile = thread; tile < tiles; tile += Block::kThreads) {
      const std::uint32_t quad = tile % quads;
      const std::uint32_t first_row = tile / quads * kRows;
      const Float4 bias = load_4(linear.bias + 4 * quad);
      float front[kRows][4], rest[kRows][4];
      KLEIO_UNROLL
      for (std::uint32_t r = 0; r < kRows; ++r) {
        KLEIO_UNROLL
        for (std::uint32_t o = 0; o < 4; ++o) {
          front[r][o] = 0;
          rest[r][o] = bias.lanes[o];
        }
      }
      add_products(front, linear, quad, x, first_row, rows - 1, 0, 0, linear.split);
      add_products(rest, linear, quad, x, first_row, rows - 1, linear.split, linear.split,
                   linear.inputs);
      KLEIO_UNROLL
      for (std::uint32_t r = 0; r < kRows; ++r) {
        if (first_row + r >= rows) continue;
        KLEIO_UNROLL
        for (std::uint32_t o = 0; o < 4; ++o) {
          const float sum = front[r][o] + rest[r][o];
          y.set(first_row + r, 4 * quad + o, 4 * quad + o < silu_from ? sum : silu(sum));
        }
      }
    }
  });
  block.barrier();
}

}  // namespace kleio::cuda
