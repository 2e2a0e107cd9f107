// Target attention of one target over its behaviours, by one thread block.
//
// Formula    alpha_i = scale * <query, key_i>, z_i = logit(alpha_i),
//            out = sum_i (softmax(z)_i + 1e-7) * value_i;  keys and values are projections of the
//            behaviours' embeddings.
// Order      <query, key>: lane l of a warp sums the columns l, l + 32, ..., then the lanes are
//            added in pairs. The softmax's sum likewise. Weighted sums in the behaviours' order.
//            Nothing depends on the length of a chunk.
// Source     SA-TA of MUSE (arXiv 2512.07216) as released.
#pragma once

#include <cstdint>
#include <limits>

#include "core/ranker_constants.h"
#include "cuda/kernels/execution.h"
#include "cuda/kernels/float_math.h"
#include "cuda/kernels/linear_rows.cuh"
#include "cuda/kernels/rank_params.h"
#include "cuda/kernels/warp_sums.cuh"

namespace kleio::cuda {

inline constexpr std::uint32_t kNoSilu = 0xffffffffu;
inline constexpr float kLowest = -std::numeric_limits<float>::infinity();

// Replaces z by softmax(z) + 1e-7. Every warp finds the maximum and the sum for itself: for some
// hundred behaviours that is less than telling each other. Ends with a barrier.
template <typename Block>
KLEIO_KERNEL_CODE void soften(Block& block, const typename Block::template Shared<float>& z,
                              std::uint32_t count) {
  typename Block::template PerThread<float> greatest, total;
  block.each([&](std::uint32_t thread) {
    greatest[thread] = kLowest;
    for (std::uint32_t i = thread % kWarpLanes; i < count; i += kWarpLanes) {
      greatest[thread] = fmaxf(greatest[thread], z.get(i));
    }
  });
  maximum_of_warps(block, greatest);
  block.each([&](std::uint32_t thread) {
    total[thread] = 0;
    for (std::uint32_t i = thread % kWarpLanes; i < count; i += kWarpLanes) {
      total[thread] += exponential(z.get(i) - greatest[thread]);
    }
  });
  sum_warps(block, total);
  block.barrier();
  block.each([&](std::uint32_t thread) {
    for (std::uint32_t i = thread; i < count; i += Block::kThreads) {
      z.set(i, exponential(z.get(i) - greatest[thread]) / total[thread] + kWeightFloor);
    }
  });
  block.barrier();
}

// The behaviours of one target. `Source` gives their embeddings, source(place, column), and where
// Source::kTabulated also both sums of a layer's outputs from a column of the ProjectionTable on,
// source.item_sums(place, column) and source.category_sums(place, column).
// Every member ends with a barrier.
template <typename Block, typename Source>
class BehaviourAttention {
 public:
  KLEIO_KERNEL_CODE BehaviourAttention(Block& block, const RankPlan& plan, std::uint32_t width,
                                       std::uint32_t count, Source source)
      : block_(block),
        source_(source),
        width_(width),
        count_(count),
        chunk_(plan.chunk_rows),
        weights_(block.template shared<float>(plan.weights, count)),
        embeddings_{
            block.template shared<float>(plan.embeddings, plan.chunk_rows * plan.embedding_stride),
            plan.embedding_stride},
        projections_{block.template shared<float>(plan.projections,
                                                  plan.chunk_rows * plan.projection_stride),
                     plan.projection_stride} {}

  // out[0 .. width) = mean of the embeddings.
  KLEIO_KERNEL_CODE void average(float* out) {
    clear(out, width_);
    each_chunk([&](std::uint32_t first, std::uint32_t rows) {
      stage(first, rows);
      block_.each([&](std::uint32_t thread) {
        for (std::uint32_t d = thread; d < width_; d += Block::kThreads) {
          float sum = out[d];
          for (std::uint32_t row = 0; row < rows; ++row) sum += embeddings_.get(row, d);
          out[d] = sum;
        }
      });
      block_.barrier();
    });
    block_.each([&](std::uint32_t thread) {
      for (std::uint32_t d = thread; d < width_ && count_ > 0; d += Block::kThreads) {
        out[d] /= static_cast<float>(count_);
      }
    });
    block_.barrier();
  }

  // out[0 .. value.outputs): attention with logits z_i = logit(i, <query, key_i>).
  template <typename Logit>
  KLEIO_KERNEL_CODE void attend(const typename Block::template Shared<float>& query,
                                const LinearParams& key, const LinearParams& value,
                                std::uint32_t silu_from, Logit logit, float* out) {
    each_chunk([&](std::uint32_t first, std::uint32_t rows) {
      project_chunk(key, silu_from, first, rows);
      score(query, key.outputs, first, rows, logit);
    });
    soften(block_, weights_, count_);
    clear(out, value.outputs);
    each_chunk([&](std::uint32_t first, std::uint32_t rows) {
      project_chunk(value, silu_from, first, rows);
      add_values(value.outputs, first, rows, out);
    });
  }

 private:
  // work(first, rows) for every chunk.
  template <typename Work>
  KLEIO_KERNEL_CODE void each_chunk(Work work) {
    for (std::uint32_t first = 0; first < count_; first += chunk_) {
      const std::uint32_t rows = count_ - first < chunk_ ? count_ - first : chunk_;
      work(first, rows);
    }
  }

  // Puts a chunk's embeddings into shared memory, unless they are there.
  KLEIO_KERNEL_CODE void stage(std::uint32_t first, std::uint32_t rows) {
    if (staged_ == first) return;
    block_.each([&](std::uint32_t thread) {
      for (std::uint32_t row = thread / kWarpLanes; row < rows; row += kWarps) {
        for (std::uint32_t d = thread % kWarpLanes; d < width_; d += kWarpLanes) {
          embeddings_.set(row, d, source_(first + row, d));
        }
      }
    });
    block_.barrier();
    staged_ = first;
  }

  // Puts a chunk's projections into shared memory, unless they are there: keys that are the values
  // too are projected once, if one chunk holds all behaviours.
  KLEIO_KERNEL_CODE void project_chunk(const LinearParams& linear, std::uint32_t silu_from,
                                       std::uint32_t first, std::uint32_t rows) {
    if (projected_ == linear.weight && projected_first_ == first) return;
    if constexpr (Source::kTabulated) {
      gather_projections(linear, silu_from, first, rows);
    } else {
      stage(first, rows);
      project<kRowTile>(block_, linear, silu_from, embeddings_, rows, projections_);
    }
    projected_ = linear.weight;
    projected_first_ = first;
  }

  // All loads of a thread's next places are on their way before the first is waited for.
  KLEIO_KERNEL_CODE void gather_projections(const LinearParams& linear, std::uint32_t silu_from,
                                            std::uint32_t first, std::uint32_t rows) {
    constexpr std::uint32_t kAtOnce = 4;
    const std::uint32_t quads = linear.stride / 4;
    const std::uint32_t tiles = quads * rows;
    block_.each([&](std::uint32_t thread) {
      for (std::uint32_t base = thread; base < tiles; base += kAtOnce * Block::kThreads) {
        Float4 item[kAtOnce], category[kAtOnce];
        KLEIO_UNROLL for (std::uint32_t i = 0; i < kAtOnce; ++i) {
          const std::uint32_t tile = base + i * Block::kThreads;
          if (tile >= tiles) continue;
          const std::uint32_t column = linear.tabulated_at + 4 * (tile % quads);
          item[i] = source_.item_sums(first + tile / quads, column);
          category[i] = source_.category_sums(first + tile / quads, column);
        }
        KLEIO_UNROLL for (std::uint32_t i = 0; i < kAtOnce; ++i) {
          const std::uint32_t tile = base + i * Block::kThreads;
          if (tile >= tiles) continue;
          KLEIO_UNROLL for (std::uint32_t o = 0; o < 4; ++o) {
            const std::uint32_t output = 4 * (tile % quads) + o;
            const float sum = item[i].lanes[o] + category[i].lanes[o];
            projections_.set(tile / quads, output, output < silu_from ? sum : silu(sum));
          }
        }
      }
    });
    block_.barrier();
  }

  template <typename Logit>
  KLEIO_KERNEL_CODE void score(const typename Block::template Shared<float>& query,
                               std::uint32_t width, std::uint32_t first, std::uint32_t rows,
                               Logit logit) {
    for (std::uint32_t base = 0; base < rows; base += kWarps) {
      typename Block::template PerThread<float> sums;
      block_.each([&](std::uint32_t thread) {
        const std::uint32_t row = base + thread / kWarpLanes;
        float sum = 0;
        for (std::uint32_t d = thread % kWarpLanes; d < width && row < rows; d += kWarpLanes) {
          sum = fmaf(query.get(d), projections_.get(row, d), sum);
        }
        sums[thread] = sum;
      });
      sum_warps(block_, sums);
      block_.each([&](std::uint32_t thread) {
        const std::uint32_t row = base + thread / kWarpLanes;
        if (thread % kWarpLanes != 0 || row >= rows) return;
        weights_.set(first + row, logit(first + row, sums[thread]));
      });
    }
    block_.barrier();
  }

  KLEIO_KERNEL_CODE void clear(float* out, std::uint32_t width) {
    block_.each([&](std::uint32_t thread) {
      for (std::uint32_t d = thread; d < width; d += Block::kThreads) out[d] = 0;
    });
    block_.barrier();
  }

  // A column is always its thread's, which therefore sees its own sum of the chunks before.
  KLEIO_KERNEL_CODE void add_values(std::uint32_t width, std::uint32_t first, std::uint32_t rows,
                                    float* out) {
    block_.each([&](std::uint32_t thread) {
      for (std::uint32_t d = thread; d < width; d += Block::kThreads) {
        float sum = out[d];
        for (std::uint32_t row = 0; row < rows; ++row) {
          sum = fmaf(weights_.get(first + row), projections_.get(row, d), sum);
        }
        out[d] = sum;
      }
    });
    block_.barrier();
  }

  static constexpr std::uint32_t kWarps = Block::kThreads / kWarpLanes;
  static constexpr std::uint32_t kNothingStaged = 0xffffffffu;

  Block& block_;
  Source source_;
  std::uint32_t width_, count_, chunk_;
  std::uint32_t staged_ = kNothingStaged;  // first behaviour of the chunk in embeddings_
  std::uint32_t projected_first_ = 0;      // likewise, in projections_
  const float* projected_ = nullptr;       // weights of what is there
  typename Block::template Shared<float> weights_;
  SharedRows<Block> embeddings_, projections_;
};

}  // namespace kleio::cuda
