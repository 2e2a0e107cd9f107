// mma.sync as the PTX ISA defines it, with what it leaves open chosen at random.
//
// int8 products accumulate exactly in int32. Of float products the ISA says that products have at
// least float32 precision and that the order of accumulation, its rounding and the handling of
// subnormal inputs are unspecified. So here a random draw decides, for every element of C:
//   order       a random permutation, summed from left to right or as a tree
//   rounding    to nearest or towards zero, after every addition; or as an aligned adder: all terms
//               cut to 24 bits below the largest, summed exactly, and cut again
//   subnormals  kept, or read as zero
// Margins that hold under every draw hold for any hardware that keeps to the ISA.
#pragma once

#include <array>
#include <cstdint>
#include <random>

#include "core/dtype.h"

namespace kleio::cuda {

// The fragments of one warp, lane by lane (MmaOperands of cuda/kernels/execution.h).
template <typename Sum>
struct WarpFragments {
  std::array<std::array<std::uint32_t, 4>, 32> a;
  std::array<std::array<std::uint32_t, 2>, 32> b;
  std::array<std::array<Sum, 4>, 32> c;
};

void multiply_add_int8(WarpFragments<std::int32_t>& fragments);
// kCode is kFloat16 or kBfloat16.
template <CodeType kCode>
void multiply_add_float(WarpFragments<float>& fragments, std::mt19937_64& random);

}  // namespace kleio::cuda
