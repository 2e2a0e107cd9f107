// The tower over a tile of candidates by one thread block: linear layers with Dice, and the click
// probability.
//
// Formula   x = W x + b; Dice: p = sigmoid(LN(x)), x = gamma (1 - p) x + p x, with mean and
//           variance over the layer's outputs; probability = softmax of the last two + 1e-7.
// Layout    activations lie [width][kTowerTile] in shared memory: a thread reads one input of all
//           candidates as two 16-byte broadcasts for 4 outputs, so a 16-byte load of weights serves
//           32 multiply-adds.
// Order     a layer's inputs are cut into input_groups() parts of neighbours, each summed in
//           ascending order, then added in order to the bias: of each candidate by itself, so the
//           tile does not show in a result.
#pragma once

#include <cmath>
#include <cstdint>

#include "core/click_probability.h"
#include "core/ranker_constants.h"
#include "cuda/kernels/execution.h"
#include "cuda/kernels/float_math.h"
#include "cuda/kernels/linear_rows.cuh"
#include "cuda/kernels/rank_params.h"
#include "cuda/kernels/warp_sums.cuh"

namespace kleio::cuda {

// What another block wrote in this launch: past this multiprocessor's own cache.
KLEIO_KERNEL_CODE float load_published(const float* from) {
#ifdef __CUDA_ARCH__
  return __ldcg(from);
#else
  return *from;
#endif
}

// Every member ends with a barrier.
template <typename Block>
class Tower {
 public:
  KLEIO_KERNEL_CODE Tower(Block& block, const RankPlan& plan)
      : block_(block), plan_(plan), in_(plan.layer_in), out_(plan.layer_out) {}

  // [count][width] inputs; candidates past the last are zeros.
  KLEIO_KERNEL_CODE void load(const float* inputs, std::uint32_t count, std::uint32_t width) {
    const auto in = activations(in_, width);
    block_.each([&](std::uint32_t thread) {
      for (std::uint32_t i = thread; i < width * kTowerTile; i += Block::kThreads) {
        const std::uint32_t candidate = i % kTowerTile;
        const float* row = inputs + std::size_t{candidate} * width;
        in.set(i, candidate < count ? load_published(row + i / kTowerTile) : 0.0f);
      }
    });
    block_.barrier();
  }

  KLEIO_KERNEL_CODE void apply(const TowerLayerParams& layer) {
    multiply(layer.linear);
    dice(layer.linear.outputs, layer.dice_gamma);
    const std::uint32_t last_in = in_;
    in_ = out_;
    out_ = last_in;
  }

  // After the last layer.
  KLEIO_KERNEL_CODE void write_probabilities(float* probabilities, std::uint32_t count) {
    const auto logits = activations(in_, 2);
    block_.each([&](std::uint32_t thread) {
      if (thread >= count) return;
      probabilities[thread] =
          click_probability(logits.get(thread), logits.get(kTowerTile + thread));
    });
    block_.barrier();
  }

 private:
  static constexpr std::uint32_t kWarps = Block::kThreads / kWarpLanes;
  static constexpr std::uint32_t kQuads = kTowerTile / 4;  // of candidates
  using Floats = typename Block::template Shared<float>;
  using PerThread = typename Block::template PerThread<float>;

  KLEIO_KERNEL_CODE Floats activations(std::uint32_t offset, std::uint32_t width) {
    return block_.template shared<float>(offset, width * kTowerTile);
  }

  KLEIO_KERNEL_CODE void multiply(const LinearParams& linear) {
    const std::uint32_t groups = input_groups(linear.stride);
    const std::uint32_t sums = groups == 1 ? out_ : plan_.partials;
    sum_parts(linear, groups, activations(sums, groups * linear.stride));
    if (groups > 1) add_parts(linear, groups);
  }

  // to[group][output][candidate]; a single group's have their bias.
  KLEIO_KERNEL_CODE void sum_parts(const LinearParams& linear, std::uint32_t groups,
                                   const Floats& to) {
    const std::uint32_t quads = linear.stride / 4;
    const std::uint32_t part = (linear.inputs + groups - 1) / groups;
    block_.each([&](std::uint32_t thread) {
      for (std::uint32_t i = thread; i < quads * groups; i += Block::kThreads) {
        const std::uint32_t quad = i % quads;
        const std::uint32_t begin = i / quads * part;
        const std::uint32_t end = begin + part < linear.inputs ? begin + part : linear.inputs;
        const Float4 bias = groups == 1 ? load_4(linear.bias + 4 * quad) : Float4{};
        float sums[4][kTowerTile];
        KLEIO_UNROLL
        for (std::uint32_t o = 0; o < 4; ++o) {
          KLEIO_UNROLL
          for (std::uint32_t c = 0; c < kTowerTile; ++c) sums[o][c] = bias.lanes[o];
        }
        add_inputs(sums, linear, quad, begin, end);
        const std::uint32_t output = i / quads * linear.stride + 4 * quad;
        KLEIO_UNROLL
        for (std::uint32_t o = 0; o < 4; ++o) {
          KLEIO_UNROLL
          for (std::uint32_t c = 0; c < kTowerTile; ++c) {
            to.set((output + o) * kTowerTile + c, sums[o][c]);
          }
        }
      }
    });
    block_.barrier();
  }

  KLEIO_KERNEL_CODE void add_inputs(float (&sums)[4][kTowerTile], const LinearParams& linear,
                                    std::uint32_t quad, std::uint32_t begin, std::uint32_t end) {
    const auto in = block_.template shared<Float4>(in_, linear.inputs * kQuads);
    const float* weight = linear.weight + std::size_t{begin} * linear.stride + 4 * quad;
    KLEIO_UNROLL_4
    for (std::uint32_t input = begin; input < end; ++input, weight += linear.stride) {
      const Float4 column = load_4(weight);
      KLEIO_UNROLL
      for (std::uint32_t q = 0; q < kQuads; ++q) {
        const Float4 x = in.get(input * kQuads + q);
        KLEIO_UNROLL
        for (std::uint32_t o = 0; o < 4; ++o) {
          KLEIO_UNROLL
          for (std::uint32_t c = 0; c < 4; ++c) {
            sums[o][4 * q + c] = fmaf(x.lanes[c], column.lanes[o], sums[o][4 * q + c]);
          }
        }
      }
    }
  }

  KLEIO_KERNEL_CODE void add_parts(const LinearParams& linear, std::uint32_t groups) {
    const auto partials = activations(plan_.partials, groups * linear.stride);
    const auto out = activations(out_, linear.stride);
    block_.each([&](std::uint32_t thread) {
      for (std::uint32_t i = thread; i < linear.stride * kTowerTile; i += Block::kThreads) {
        float sum = linear.bias[i / kTowerTile];
        for (std::uint32_t group = 0; group < groups; ++group) {
          sum += partials.get(group * linear.stride * kTowerTile + i);
        }
        out.set(i, sum);
      }
    });
    block_.barrier();
  }

  // In place, a warp a candidate. The mean of a row is in two parts, near + rest: rounded to one
  // float32 it would be off by an ulp of the values, which is much of a deviation where they are
  // close together, as two logits may be.
  KLEIO_KERNEL_CODE void dice(std::uint32_t width, const float* gamma) {
    const auto x = activations(out_, width);
    const auto count = static_cast<float>(width);
    for (std::uint32_t base = 0; base < kTowerTile; base += kWarps) {
      PerThread near, rest, squares;
      sum_places(base, width, near,
                 [&](float sum, std::uint32_t place, std::uint32_t) { return sum + x.get(place); });
      block_.each([&](std::uint32_t thread) { near[thread] /= count; });
      sum_places(base, width, rest, [&](float sum, std::uint32_t place, std::uint32_t thread) {
        return sum + (x.get(place) - near[thread]);
      });
      block_.each([&](std::uint32_t thread) { rest[thread] /= count; });
      sum_places(base, width, squares, [&](float sum, std::uint32_t place, std::uint32_t thread) {
        const float away = x.get(place) - near[thread];
        return fmaf(away, away, sum);
      });
      block_.each([&](std::uint32_t thread) {
        const float variance = fmaf(-rest[thread], rest[thread], squares[thread] / count);
        const float slope = 1.0f / sqrtf((variance > 0 ? variance : 0.0f) + kDiceEpsilon);
        each_place(base, width, thread, [&](std::uint32_t place, std::uint32_t output) {
          const float value = x.get(place);
          const float p = sigmoid((value - near[thread] - rest[thread]) * slope);
          x.set(place, fmaf(p, value, gamma[output] * (1 - p) * value));
        });
      });
    }
    block_.barrier();
  }

  // The places of a thread's candidate: every 32nd output.
  template <typename Work>
  KLEIO_KERNEL_CODE void each_place(std::uint32_t base, std::uint32_t width, std::uint32_t thread,
                                    Work work) {
    const std::uint32_t candidate = base + thread / kWarpLanes;
    if (candidate >= kTowerTile) return;
    for (std::uint32_t o = thread % kWarpLanes; o < width; o += kWarpLanes) {
      work(o * kTowerTile + candidate, o);
    }
  }

  // Each candidate's sum, to all threads of its warp: sum = add(sum, place, thread) for its places.
  template <typename Add>
  KLEIO_KERNEL_CODE void sum_places(std::uint32_t base, std::uint32_t width, PerThread& sums,
                                    Add add) {
    block_.each([&](std::uint32_t thread) {
      float sum = 0;
      each_place(base, width, thread,
                 [&](std::uint32_t place, std::uint32_t) { sum = add(sum, place, thread); });
      sums[thread] = sum;
    });
    sum_warps(block_, sums);
  }

  Block& block_;
  const RankPlan& plan_;
  std::uint32_t in_, out_;  // offsets of this layer's activations
};

}  // namespace kleio::cuda
