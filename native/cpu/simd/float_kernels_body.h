// The float32 kernels, written once over `Simd`. Included by each level's file after it has chosen
// its instruction set and its simd_*.h: everything is in an unnamed namespace, no symbol is shared.
//
// Exponential  exp(x) = 2^n * p(r), n = round(x / ln 2), |r| <= ln 2 / 2, p of degree 6: relative
//              error below 2e-7. Arguments are clamped to [-87, 88], where results are normal
//              numbers.
// Products     rows in groups of Simd::kRows, outputs in tiles of 4 registers (2 for a layer that
//              fits), inputs in ascending order into one accumulator each: the order of a row's
//              sums does not depend on its group.
#pragma once

#include <algorithm>
#include <cassert>
#include <cmath>
#include <cstddef>
#include <type_traits>

#include "core/ranker_constants.h"
#include "cpu/simd/float_kernels.h"
#include "cpu/simd/target.h"

namespace kleio {
namespace {

using Floats = Simd::Floats;
constexpr std::size_t kLanes = Simd::kLanes;
constexpr std::size_t kTileOutputs = 4 * kLanes;

KLEIO_INLINE Floats exponential(Floats x) noexcept {
  x = Simd::least(Simd::greatest(x, Simd::all(-87.0f)), Simd::all(88.0f));
  const Floats n = Simd::nearest_integer(Simd::multiply(x, Simd::all(1.44269504f)));
  Floats r = Simd::fused(n, Simd::all(-0.693145752f), x);  // ln 2 in two parts
  r = Simd::fused(n, Simd::all(-1.42860677e-6f), r);
  Floats p = Simd::all(1.38888889e-3f);  // 1/6!, then 1/5! ... 1/0!
  p = Simd::fused(p, r, Simd::all(8.33333333e-3f));
  p = Simd::fused(p, r, Simd::all(4.16666667e-2f));
  p = Simd::fused(p, r, Simd::all(1.66666667e-1f));
  p = Simd::fused(p, r, Simd::all(0.5f));
  p = Simd::fused(p, r, Simd::all(1.0f));
  p = Simd::fused(p, r, Simd::all(1.0f));
  return Simd::multiply(p, Simd::power_of_two(n));
}

KLEIO_INLINE Floats sigmoid(Floats x) noexcept {
  const Floats one = Simd::all(1.0f);
  return Simd::divide(one, Simd::add(one, exponential(Simd::subtract(Simd::all(0.0f), x))));
}

template <Activation kActivation>
KLEIO_INLINE Floats activate(Floats x) noexcept {
  if constexpr (kActivation == Activation::kSilu) return Simd::multiply(x, sigmoid(x));
  return x;
}

// The accumulators of kCount rows by one tile of outputs. Named members, nested: GCC 12 keeps
// arrays of vectors on the stack. A narrow tile leaves c and d unused.
template <int kCount>
struct Sums {
  Sums<kCount - 1> before;
  Floats a, b, c, d;
};
template <>
struct Sums<0> {};

// One tile's registers of a row of weights.
struct Weights {
  Floats a, b, c, d;
};

template <bool kNarrow>
KLEIO_INLINE Weights load_weights(const float* weight) noexcept {
  Weights weights;
  weights.a = Simd::load(weight);
  weights.b = Simd::load(weight + kLanes);
  weights.c = kNarrow ? weights.a : Simd::load(weight + 2 * kLanes);
  weights.d = kNarrow ? weights.b : Simd::load(weight + 3 * kLanes);
  return weights;
}

template <bool kNarrow, int kCount>
KLEIO_INLINE void start(Sums<kCount>& sums, const Weights& bias) noexcept {
  if constexpr (kCount > 0) {
    start<kNarrow>(sums.before, bias);
    sums.a = bias.a;
    sums.b = bias.b;
    if constexpr (kNarrow) return;
    sums.c = bias.c;
    sums.d = bias.d;
  }
}

template <bool kNarrow, int kCount>
KLEIO_INLINE void accumulate(Sums<kCount>& sums, const float* x, std::size_t x_stride,
                             const Weights& weights) noexcept {
  if constexpr (kCount > 0) {
    accumulate<kNarrow>(sums.before, x, x_stride, weights);
    const Floats value = Simd::all(x[(kCount - 1) * x_stride]);
    sums.a = Simd::fused(value, weights.a, sums.a);
    sums.b = Simd::fused(value, weights.b, sums.b);
    if constexpr (kNarrow) return;
    sums.c = Simd::fused(value, weights.c, sums.c);
    sums.d = Simd::fused(value, weights.d, sums.d);
  }
}

template <Activation kActivation, bool kNarrow, int kCount>
KLEIO_INLINE void finish(const Sums<kCount>& sums, float* y, std::size_t y_stride) noexcept {
  if constexpr (kCount > 0) {
    finish<kActivation, kNarrow>(sums.before, y, y_stride);
    float* row = y + (kCount - 1) * y_stride;
    Simd::store(row, activate<kActivation>(sums.a));
    Simd::store(row + kLanes, activate<kActivation>(sums.b));
    if constexpr (kNarrow) return;
    Simd::store(row + 2 * kLanes, activate<kActivation>(sums.c));
    Simd::store(row + 3 * kLanes, activate<kActivation>(sums.d));
  }
}

// The operands of one product, but for its rows.
struct Product {
  const PackedLinear& layer;
  const float* bias;
  std::size_t x_stride;
  std::size_t y_stride;
};

template <int kCount, Activation kActivation, bool kNarrow>
void multiply_rows(const Product& product, const float* x, float* y) noexcept {
  constexpr std::size_t kTile = kNarrow ? kTileOutputs / 2 : kTileOutputs;
  const PackedLinear& layer = product.layer;
  for (std::size_t output = 0; output < layer.padded_outputs; output += kTile) {
    const float* weight = layer.weight.data() + output * layer.inputs;
    Sums<kCount> sums;
    start<kNarrow>(sums, load_weights<kNarrow>(product.bias + output));
    for (std::size_t input = 0; input < layer.inputs; ++input) {
      accumulate<kNarrow>(sums, x + input, product.x_stride, load_weights<kNarrow>(weight));
      weight += kTile;
    }
    finish<kActivation, kNarrow>(sums, y + output, product.y_stride);
  }
}

// The last rows, fewer than a group.
template <int kCount, Activation kActivation, bool kNarrow>
void multiply_rest(const Product& product, const float* x, std::size_t rows, float* y) noexcept {
  if constexpr (kCount > 0) {
    if (rows == kCount) {
      multiply_rows<kCount, kActivation, kNarrow>(product, x, y);
    } else {
      multiply_rest<kCount - 1, kActivation, kNarrow>(product, x, rows, y);
    }
  }
}

template <Activation kActivation, bool kNarrow>
void multiply(const Product& product, const float* x, std::size_t rows, float* y) noexcept {
  std::size_t row = 0;
  for (; row + Simd::kRows <= rows; row += Simd::kRows) {
    multiply_rows<Simd::kRows, kActivation, kNarrow>(product, x + row * product.x_stride,
                                                     y + row * product.y_stride);
  }
  multiply_rest<Simd::kRows - 1, kActivation, kNarrow>(product, x + row * product.x_stride,
                                                       rows - row, y + row * product.y_stride);
}

void linear(const PackedLinear& layer, const float* bias, Activation activation, const float* x,
            std::size_t x_stride, std::size_t rows, float* y, std::size_t y_stride) noexcept {
  const Product product = {layer, bias, x_stride, y_stride};
  const bool narrow = layer.padded_outputs < kTileOutputs;
  assert(layer.padded_outputs % (narrow ? kTileOutputs / 2 : kTileOutputs) == 0);
  assert(layer.padded_outputs >= layer.outputs);
  assert(rows <= 1 || (x_stride >= layer.inputs && y_stride >= layer.padded_outputs));
  if (activation == Activation::kSilu) {
    (narrow ? multiply<Activation::kSilu, true> : multiply<Activation::kSilu, false>)(product, x,
                                                                                      rows, y);
  } else {
    (narrow ? multiply<Activation::kNone, true> : multiply<Activation::kNone, false>)(product, x,
                                                                                      rows, y);
  }
}

KLEIO_INLINE float dot(const float* a, const float* b, std::size_t padded_width) noexcept {
  Floats sum = Simd::all(0.0f);
  for (std::size_t d = 0; d < padded_width; d += kLanes) {
    sum = Simd::fused(Simd::load(a + d), Simd::load(b + d), sum);
  }
  return Simd::sum(sum);
}

// Replaces z by softmax(z) + 1e-7. `z` has room for kLanes more than `count`.
inline void soften(float* z, std::size_t count) noexcept {
  float greatest = z[0];
  for (std::size_t i = 1; i < count; ++i) greatest = std::max(greatest, z[i]);
  for (std::size_t i = 0; i < count; i += kLanes) {
    Simd::store(z + i, exponential(Simd::subtract(Simd::load(z + i), Simd::all(greatest))));
  }
  float total = 0;
  for (std::size_t i = 0; i < count; ++i) total += z[i];
  for (std::size_t i = 0; i < count; ++i) z[i] = z[i] / total + kWeightFloor;
}

void attend(const Attention& attention, float* weights, float* out) noexcept {
  const std::size_t count = attention.count;
  assert(attention.padded_width % kLanes == 0 && attention.padded_value_width % kLanes == 0);
  for (std::size_t i = 0; i < count; ++i) {
    float alpha = attention.scale * dot(attention.query, attention.keys[i], attention.padded_width);
    if (attention.mask != nullptr && attention.mask[i] == 0) alpha -= kMaskedLogit;
    if (attention.rho != nullptr) {
      const float rho = attention.rho[i];
      alpha = attention.gain_alpha * alpha + attention.gain_rho * rho +
              attention.gain_product * alpha * rho;
    }
    weights[i] = alpha;
  }
  if (count > 0) soften(weights, count);
  for (std::size_t d = 0; d < attention.padded_value_width; d += kLanes) {
    Floats sum = Simd::all(0.0f);
    for (std::size_t i = 0; i < count; ++i) {
      sum = Simd::fused(Simd::all(weights[i]), Simd::load(attention.values[i] + d), sum);
    }
    Simd::store(out + d, sum);
  }
}

// Sums over a row of x - center and of its square: whole registers, then what is left.
struct Moments {
  float first = 0;
  float second = 0;
};

KLEIO_INLINE Moments moments(const float* x, std::size_t width, float center) noexcept {
  const Floats centers = Simd::all(center);
  Floats first = Simd::all(0.0f);
  Floats second = Simd::all(0.0f);
  std::size_t i = 0;
  for (; i + kLanes <= width; i += kLanes) {
    const Floats away = Simd::subtract(Simd::load(x + i), centers);
    first = Simd::add(first, away);
    second = Simd::fused(away, away, second);
  }
  Moments total{Simd::sum(first), Simd::sum(second)};
  for (; i < width; ++i) {
    const float away = x[i] - center;
    total.first += away;
    total.second += away * away;
  }
  return total;
}

// LN(x) = ((x - near) - rest) * slope.
struct Normalisation {
  Floats near, rest, slope;
};

// The mean of a row in two parts, near + rest: rounded to one float32 it would be off by an ulp of
// the values, which is much of a deviation where they are close together, as two logits may be.
KLEIO_INLINE Normalisation normalisation_of(const float* x, std::size_t width) noexcept {
  const auto count = static_cast<float>(width);
  const float near = moments(x, width, 0.0f).first / count;
  const Moments away = moments(x, width, near);
  const float rest = away.first / count;
  const float variance = std::max(away.second / count - rest * rest, 0.0f);
  return {Simd::all(near), Simd::all(rest), Simd::all(1.0f / std::sqrt(variance + kDiceEpsilon))};
}

// One register of Dice: p = sigmoid(LN(v)), gamma (1 - p) v + p v.
KLEIO_INLINE Floats dice_of(Floats v, Floats gamma, const Normalisation& normal) noexcept {
  const Floats centered = Simd::subtract(Simd::subtract(v, normal.near), normal.rest);
  const Floats p = sigmoid(Simd::multiply(centered, normal.slope));
  const Floats leaked = Simd::multiply(gamma, Simd::subtract(Simd::all(1.0f), p));
  return Simd::add(Simd::multiply(leaked, v), Simd::multiply(p, v));
}

void dice(float* x, std::size_t stride, std::size_t rows, std::size_t width,
          const float* gamma) noexcept {
  assert(width > 0 && (rows <= 1 || stride >= width));
  for (std::size_t row = 0; row < rows; ++row, x += stride) {
    const Normalisation normal = normalisation_of(x, width);
    std::size_t i = 0;
    for (; i + kLanes <= width; i += kLanes) {
      Simd::store(x + i, dice_of(Simd::load(x + i), Simd::load(gamma + i), normal));
    }
    if (i == width) continue;
    float values[kLanes] = {};
    float gammas[kLanes] = {};
    std::copy_n(x + i, width - i, values);
    std::copy_n(gamma + i, width - i, gammas);
    Simd::store(values, dice_of(Simd::load(values), Simd::load(gammas), normal));
    std::copy_n(values, width - i, x + i);
  }
}

constexpr FloatKernels kFloatKernels = {
    .lanes = kLanes,
    .tile_outputs = kTileOutputs,
    .linear = linear,
    .attend = attend,
    .dice = dice,
};

}  // namespace
}  // namespace kleio
