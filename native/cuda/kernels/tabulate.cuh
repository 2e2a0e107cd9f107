// One of the two sums of a layer (LinearParams) for every row of a vocabulary: once a model, so
// that a ranking gathers them where it would multiply.
//
// A thread block stages some rows' embeddings and computes all outputs of them. The order of each
// sum is that of linear.cuh: a table changes no bit.
#pragma once

#include <cstdint>

#include "cuda/kernels/execution.h"
#include "cuda/kernels/linear_rows.cuh"
#include "cuda/kernels/rank_params.h"

namespace kleio::cuda {

template <typename Block>
KLEIO_KERNEL_CODE void tabulate(Block& block, const TabulateParams& params) {
  const LinearParams& linear = params.linear;
  const std::uint32_t first = block.index() * params.block_rows;
  const std::uint32_t left = params.rows - first;
  const std::uint32_t rows = left < params.block_rows ? left : params.block_rows;
  const SharedRows<Block> x{block.template shared<float>(0, params.block_rows * params.width),
                            params.width};
  block.each([&](std::uint32_t thread) {
    const float* from = params.embeddings + std::size_t{first} * params.width;
    for (std::uint32_t i = thread; i < rows * params.width; i += Block::kThreads) {
      x.values.set(i, from[i]);
    }
  });
  block.barrier();
  const std::uint32_t quads = linear.stride / 4;
  const std::uint32_t tiles = quads * ((rows + kRowTile - 1) / kRowTile);
  block.each([&](std::uint32_t thread) {
    for (std::uint32_t tile = thread; tile < tiles; tile += Block::kThreads) {
      const std::uint32_t quad = tile % quads;
      const std::uint32_t row = tile / quads * kRowTile;
      const Float4 bias = params.first_input == 0 ? Float4{} : load_4(linear.bias + 4 * quad);
      float sums[kRowTile][4];
      KLEIO_UNROLL for (std::uint32_t r = 0; r < kRowTile; ++r) {
        KLEIO_UNROLL for (std::uint32_t o = 0; o < 4; ++o) sums[r][o] = bias.lanes[o];
      }
      add_products(sums, linear, quad, x, row, rows - 1, 0, params.first_input,
                   params.first_input + params.width);
      KLEIO_UNROLL for (std::uint32_t r = 0; r < kRowTile; ++r) {
        if (row + r >= rows) continue;
        float* out = params.table + std::size_t{first + row + r} * params.table_stride +
                     linear.tabulated_at + 4 * quad;
        KLEIO_UNROLL for (std::uint32_t o = 0; o < 4; ++o) out[o] = sums[r][o];
      }
    }
  });
}

}  // namespace kleio::cuda
