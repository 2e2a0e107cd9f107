// What a sum must at least be for one of several rows to reach a threshold, so that the largest sum
// of the rows is held against it before any row is looked at by itself.
//
// With f the factors of the rows,
//   sum * f >= threshold  implies  sum >= threshold / f
//                                   >= threshold * (threshold < 0 ? max : min of 1 / f)
// less 2e-6 of it, which covers the roundings of 1 / f, of both products and of the estimate (below
// 5 * 2^-24). Integer sums are compared as they are: the bound is added to the bias, less 1 for the
// rounding to an integer, and the bits of the float are the sum's, biased.
#pragma once

#include <cmath>
#include <cstdint>

#include "cuda/kernels/execution.h"
#include "cuda/kernels/words.cuh"

namespace kleio::cuda {

// An integer that starts at these bits is, read as float32, kBias plus what is added to it, as long
// as that is at most 2^22.
inline constexpr float kBias = 0x1.8p23f;
inline constexpr std::int32_t kBiasBits = 0x4b400000;

KLEIO_KERNEL_CODE std::int32_t largest_of(std::int32_t a, std::int32_t b, std::int32_t c) {
#ifdef __CUDA_ARCH__
  return __vimax3_s32(a, b, c);
#else
  const std::int32_t larger = a < b ? b : a;
  return larger < c ? c : larger;
#endif
}

KLEIO_KERNEL_CODE float largest_of(float a, float b, float c) {
  return fmaxf(fmaxf(a, b), c);
}

// Of the factors of some rows.
struct Reciprocals {
  float least;
  float largest;

  KLEIO_KERNEL_CODE static Reciprocals of_none() { return {float_of_bits(0x7f800000u), 0}; }
  // NaN, of a row that is none, changes nothing.
  KLEIO_KERNEL_CODE void take(float factor) {
    const float reciprocal = 1.0f / factor;
    least = fminf(least, reciprocal);
    largest = fmaxf(largest, reciprocal);
  }
  KLEIO_KERNEL_CODE Reciprocals rounded_outwards() const {
    return {least * (1 - 2e-6f), largest * (1 + 2e-6f)};
  }

  // Both of reciprocals that are rounded outwards.
  KLEIO_KERNEL_CODE float least_sum(float threshold) const {
    return threshold * (threshold < 0 ? largest : least);
  }
  KLEIO_KERNEL_CODE std::int32_t least_biased_sum(float threshold) const {
    const float reciprocal = threshold < 0 ? largest : least;
    return static_cast<std::int32_t>(float_bits(fmaf(threshold, reciprocal, kBias - 1)));
  }
};

}  // namespace kleio::cuda
