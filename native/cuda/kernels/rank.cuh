// The ranking kernel: a thread block takes one candidate from its kept behaviours to its row of the
// tower's input; the block that is the last of a tile of candidates takes the tile through the
// tower. Which block that is decides only who computes; the tower's weights are read once a tile.
#pragma once

#include <cassert>
#include <cstddef>
#include <cstdint>

#include "cuda/kernels/block_algorithms.cuh"
#include "cuda/kernels/candidate_ranking.cuh"
#include "cuda/kernels/execution.h"
#include "cuda/kernels/rank_params.h"
#include "cuda/kernels/select.cuh"
#include "cuda/kernels/tower.cuh"

namespace kleio::cuda {

template <typename Block>
KLEIO_KERNEL_CODE void run_tower(Block& block, const RankParams& params, std::uint32_t first,
                                 std::uint32_t count) {
  const RankModelParams& model = params.model;
  Tower<Block> tower(block, params.plan);
  tower.load(params.tower_inputs + std::size_t{first} * model.tower_width, count,
             model.tower_width);
  for (std::uint32_t layer = 0; layer < model.tower_layers; ++layer) {
    tower.apply(model.tower[layer]);
  }
  tower.write_probabilities(params.probabilities + first, count);
}

// By one block, after what the candidate keeps is in place.
template <bool kTabulated, typename Block>
KLEIO_KERNEL_CODE void rank(Block& block, const RankParams& params, std::uint32_t candidate) {
  assert(candidate < *params.count);
  CandidateRanking<Block, kTabulated>(block, params, candidate).run();
  const std::uint32_t tile = candidate / kTowerTile;
  const std::uint32_t first = tile * kTowerTile;
  const std::uint32_t rest = *params.count - first;
  const std::uint32_t in_tile = rest < kTowerTile ? rest : kTowerTile;
  if (arrives_last(block, params.arrivals + tile, in_tile))
    run_tower(block, params, first, in_tile);
}

// A place behind the last candidate: its rows of the results, which are downloaded with the others.
// What it keeps is not written here.
template <typename Block>
KLEIO_KERNEL_CODE void clear_place(Block& block, const RankParams& params, std::uint32_t place) {
  const RankModelParams& model = params.model;
  const auto clear = [&](float* rows, std::uint32_t width) {
    if (rows == nullptr) return;
    block.each([&](std::uint32_t thread) {
      for (std::uint32_t i = thread; i < width; i += Block::kThreads) {
        rows[std::size_t{place} * width + i] = 0;
      }
    });
  };
  clear(params.probabilities, 1);
  clear(params.interests, model.kept_tiers + model.lifelong_width);
  clear(params.tower_inputs, model.tower_width);
  if (params.kept_similarity_rows != nullptr) clear(params.scores, params.k);
}

// One block a place of the candidates.
template <bool kTabulated, typename Block>
KLEIO_KERNEL_CODE void rank_place(Block& block, const RankParams& params) {
  if (block.index() < *params.count) {
    rank<kTabulated>(block, params, block.index());
  } else {
    clear_place(block, params, block.index());
  }
}

// One block a target of the search; those of padding have no candidate, some a place. For tabulated
// models.
template <CodeType kCode, typename Block>
KLEIO_KERNEL_CODE void select_and_rank(Block& block, const RankParams& params) {
  const std::uint32_t output = params.select.search.targets.records[block.index()].output;
  if (output == kNoOutput) return;
  {
    Select<Block, kCode> select(block, params.select, block.index());
    select.write(select.run());
  }
  block.barrier();
  if (output < *params.count) {
    rank<true>(block, params, output);
  } else {
    clear_place(block, params, output);
  }
}

}  // namespace kleio::cuda
