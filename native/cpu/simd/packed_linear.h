// A linear layer in the form the matrix kernels read.
#pragma once

#include <cstddef>

#include "core/linear_view.h"
#include "cpu/simd/aligned_buffer.h"

namespace kleio {

// Weights in tiles of outputs: weight[tile][input][outputs of a tile], bias[padded_outputs]. A
// layer of at most half a tile's outputs is one half tile, which the kernels know by its size.
// Outputs past the last are zero rows: their results are zero for both activations.
struct PackedLinear {
  PackedLinear() = default;
  PackedLinear(const LinearView& layer, std::size_t full_tile);

  std::size_t inputs = 0;
  std::size_t outputs = 0;
  std::size_t padded_outputs = 0;  // a whole number of tiles: the least stride of the results
  AlignedBuffer<float> weight;
  AlignedBuffer<float> bias;

 private:
  struct Tile {
    std::size_t outputs;
  };
  PackedLinear(const LinearView& layer, Tile tile);
};

}  // namespace kleio
