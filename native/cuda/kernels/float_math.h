// The float32 functions of the ranking kernels, with the same bits on the CPU and on a GPU.
//
// Written in operations that IEEE 754 defines (fused multiply-add, division, rounding to an
// integer), so that what is tested in software is what a GPU computes. Here and in the kernels that
// use them fusing is written where it is meant, and no other product that rounds is added to
// anything: nvcc's contraction cannot change a bit.
//
// exponential  2^n * p(r), n = round(x / ln 2), |r| <= ln 2 / 2, p of degree 6. Relative error
//              below 2.5e-7 on [-87, 88], to which arguments are clamped: results are normal
//              numbers.
// sigmoid      1 / (1 + exponential(-x)), relative error below 3e-7 on [-87, 88]; beyond, less than
//              1e-38 away.
// silu         x * sigmoid(x), relative error below 3e-7 there.
#pragma once

#include <cmath>
#include <cstdint>

#include "core/host_device.h"

namespace kleio::cuda {

KLEIO_HOST_DEVICE inline float exponential(float x) noexcept {
  x = x < -87.0f ? -87.0f : x > 88.0f ? 88.0f : x;
  const float n = rintf(x * 1.44269504f);
  float r = fmaf(n, -0.693145752f, x);  // ln 2 in two parts
  r = fmaf(n, -1.42860677e-6f, r);
  float p = 1.38888889e-3f;  // 1/6!, then 1/5! ... 1/0!
  p = fmaf(p, r, 8.33333333e-3f);
  p = fmaf(p, r, 4.16666667e-2f);
  p = fmaf(p, r, 1.66666667e-1f);
  p = fmaf(p, r, 0.5f);
  p = fmaf(p, r, 1.0f);
  p = fmaf(p, r, 1.0f);
  return p * float_of_bits(static_cast<std::uint32_t>(static_cast<std::int32_t>(n) + 127) << 23);
}

KLEIO_HOST_DEVICE inline float sigmoid(float x) noexcept {
  return 1.0f / (1.0f + exponential(-x));
}

// A head's logit from its gates: gain_alpha alpha + gain_rho rho + gain_product alpha rho.
KLEIO_HOST_DEVICE inline float gated_logit(float alpha, float rho, float gain_alpha, float gain_rho,
                                           float gain_product) noexcept {
  return fmaf(gain_product * alpha, rho, fmaf(gain_rho, rho, gain_alpha * alpha));
}

KLEIO_HOST_DEVICE inline float silu(float x) noexcept {
  return x * sigmoid(x);
}

}  // namespace kleio::cuda
