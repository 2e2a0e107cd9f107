// The float32 kernels, of which each level (cpu/levels/isa.h) has its own: what the ESU and the
// tower are made of.
//
// Every result belongs to one row (one candidate, one behaviour) and is computed in an order that
// depends on the layer's shape alone, so it does not depend on which rows are computed together.
#pragma once

#include <cstddef>

#include "core/linear_view.h"
#include "cpu/simd/packed_linear.h"

namespace kleio {

// One head of target attention for one target over `count` behaviours.
//   alpha_i = scale * <query, key_i>, - 1e9 where masked
//   z_i     = gain_alpha * alpha_i + gain_rho * rho_i + gain_product * alpha_i * rho_i
//             (alpha_i alone where rho is null)
//   out     = sum_i (softmax(z)_i + 1e-7) * value_i
// Source: SA-TA of MUSE (arXiv 2512.07216) as released.
struct Attention {
  const float* query = nullptr;        // [padded width], zeros past the width
  const float* const* keys = nullptr;  // [count] rows of padded width
  const float* const* values = nullptr;
  const float* rho = nullptr;   // [count] or null
  const float* mask = nullptr;  // [count], 0 is masked; or null
  std::size_t count = 0;
  std::size_t padded_width = 0;        // multiples of FloatKernels::lanes, of query and keys
  std::size_t padded_value_width = 0;  // and of values
  float scale = 1;
  float gain_alpha = 1;
  float gain_rho = 0;
  float gain_product = 0;
};

struct FloatKernels {
  std::size_t lanes;         // float32 a register
  std::size_t tile_outputs;  // of a PackedLinear

  // y[r] = activation(W x[r] + bias) for `rows` rows; `bias` has padded_outputs places (the layer's
  // own, usually), y_stride >= padded_outputs.
  void (*linear)(const PackedLinear& layer, const float* bias, Activation activation,
                 const float* x, std::size_t x_stride, std::size_t rows, float* y,
                 std::size_t y_stride) noexcept;

  // `weights` is scratch for count + lanes values; `out` has padded_value_width places.
  void (*attend)(const Attention& attention, float* weights, float* out) noexcept;

  // Dice in place: p = sigmoid((x - mean) / sqrt(variance + 1e-12)), x = gamma (1 - p) x + p x,
  // with mean and variance over the row's `width` values.
  void (*dice)(float* x, std::size_t stride, std::size_t rows, std::size_t width,
               const float* gamma) noexcept;
};

}  // namespace kleio
