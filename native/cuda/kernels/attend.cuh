// Target attention over behaviours given as embeddings: one thread block a target.
#pragma once

#include <cstdint>

#include "cuda/kernels/attention.cuh"
#include "cuda/kernels/execution.h"
#include "cuda/kernels/linear_rows.cuh"
#include "cuda/kernels/rank_params.h"

namespace kleio::cuda {

// Source of a BehaviourAttention: nothing about it is tabulated.
struct DenseBehaviours {
  static constexpr bool kTabulated = false;
  const float* embeddings;  // [k][width]
  std::uint32_t width;

  KLEIO_KERNEL_CODE float operator()(std::uint32_t place, std::uint32_t column) const {
    return embeddings[std::size_t{place} * width + column];
  }
};

// z of a place of one target for one head.
struct AttendLogit {
  const AttendParams& params;
  const HeadParams& head;
  std::uint32_t target;

  KLEIO_KERNEL_CODE float operator()(std::uint32_t place, float dot) const {
    const std::size_t at = std::size_t{target} * params.k + place;
    const bool masked = params.mask != nullptr && params.mask[at] == 0;
    const float alpha = fmaf(params.scale, dot, masked ? -kMaskedLogit : 0.0f);
    if (params.channels == 0) return alpha;
    float rho = 0;
    for (std::uint32_t channel = 0; channel < params.channels; ++channel) {
      rho += params.scores[std::size_t{channel} * params.count * params.k + at] /
             head.temperatures[channel];
    }
    return gated_logit(alpha, rho, head.gain_alpha, head.gain_rho, head.gain_product);
  }
};

template <typename Block>
KLEIO_KERNEL_CODE void attend(Block& block, const AttendParams& params) {
  const std::uint32_t target = block.index();
  const std::uint32_t queries_width = params.queries.stride;
  const SharedRows<Block> input{block.template shared<float>(params.plan.target, params.width),
                                params.width};
  block.each([&](std::uint32_t thread) {
    for (std::uint32_t d = thread; d < params.width; d += Block::kThreads) {
      input.set(0, d, params.targets[std::size_t{target} * params.width + d]);
    }
  });
  block.barrier();
  project<1>(block, params.queries, 0, input, 1,
             SharedRows<Block>{block.template shared<float>(params.plan.queries, queries_width),
                               queries_width});
  const DenseBehaviours behaviours{
      params.behaviours + std::size_t{target} * params.k * params.width, params.width};
  BehaviourAttention<Block, DenseBehaviours> attention(block, params.plan, params.width,
                                                       params.present[target], behaviours);
  float* out = params.out + std::size_t{target} * params.lifelong_width;
  for (std::uint32_t h = 0; h < params.head_count; ++h) {
    const HeadParams& head = params.heads[h];
    const auto offset = static_cast<std::uint32_t>(head.query_offset * sizeof(float));
    const auto query = block.template shared<float>(params.plan.queries + offset, head.key.outputs);
    attention.attend(query, head.key, head.value, 0, AttendLogit{params, head, target}, out);
    out += head.value.outputs;
  }
}

}  // namespace kleio::cuda
