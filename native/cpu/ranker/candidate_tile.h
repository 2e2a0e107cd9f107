// The fused pass over a tile of candidates: ESU features straight into the tower's input, then the
// tower. Nothing of the size candidates x K leaves the tile.
#pragma once

#include <cstddef>
#include <vector>

#include "core/ranking.h"
#include "core/simtier.h"
#include "cpu/ranker/behaviour_projections.h"
#include "cpu/ranker/request_context.h"
#include "cpu/ranker/row_cosines.h"
#include "cpu/simd/aligned_buffer.h"

namespace kleio {

// One a thread: it owns the tile's memory.
class CandidateTileRanker {
 public:
  // 24 candidates: four groups of six rows; their inputs and the widest layer (48 KiB) stay in L2,
  // and threads end close together.
  static constexpr std::size_t kCandidates = 24;

  CandidateTileRanker(const RankerModel& model, const RankerLayers& layers,
                      const FloatKernels& float_kernels, const CpuKernels& kernels,
                      const RequestContext& context, const BehaviourProjections& projections,
                      const RankRequest& request, const RankingView& ranking);

  // Candidates [first, first + count), at most kCandidates.
  void rank(std::size_t first, std::size_t count);

 private:
  float* input(std::size_t candidate) noexcept {
    return inputs_.data() + candidate * input_stride_;
  }
  void write_candidate(std::size_t candidate, float* input) const noexcept;
  void gather_kept(std::size_t candidate);
  void attend_short(std::size_t first, std::size_t count);
  void attend_kept(std::size_t candidate_in_tile, float* out);
  void average_kept(float* out) const noexcept;
  void count_tiers(const float* similarities, std::size_t count, std::span<const float> weights,
                   float* out);
  void run_tower(std::size_t first, std::size_t count);
  void export_tile(std::size_t first, std::size_t count) const noexcept;

  const RankerModel& model_;
  const RankerLayers& layers_;
  const FloatKernels& float_kernels_;
  const RequestContext& context_;
  const BehaviourProjections& projections_;
  const RankRequest& request_;
  const RankingView& ranking_;
  TierScale tiers_;
  Similarity short_similarity_;

  std::size_t input_stride_;
  AlignedBuffer<float> inputs_;                // [kCandidates][input_stride_]
  std::vector<AlignedBuffer<float>> queries_;  // per head, [kCandidates][padded outputs]
  AlignedBuffer<float> short_queries_;
  AlignedBuffer<float> layer_in_, layer_out_;
  std::vector<std::size_t> kept_rows_;  // of one candidate, as the next two
  std::vector<float> kept_similarities_;
  std::vector<float> rho_;
  std::vector<const float*> keys_, values_;
  std::vector<float> short_cosines_;
  std::vector<float> weights_;  // softmax scratch
  std::vector<float> attended_;
  std::vector<std::uint32_t> tier_counts_;
};

}  // namespace kleio
