// The behaviours of a ranking: gathered from the model's vocabularies by rows.
#pragma once

#include <cstddef>
#include <cstdint>

#include "cuda/kernels/execution.h"
#include "cuda/kernels/linear_rows.cuh"
#include "cuda/kernels/rank_params.h"

namespace kleio::cuda {

// Embeddings of behaviours whose rows lie in shared memory: source of a BehaviourAttention.
template <typename Block, bool kFromTable>
struct BehaviourGather {
  static constexpr bool kTabulated = kFromTable;
  const RankModelParams& model;
  typename Block::template Shared<std::int32_t> item_rows, category_rows;

  KLEIO_KERNEL_CODE float operator()(std::uint32_t place, std::uint32_t column) const {
    const std::uint32_t dim = model.embedding_dim;
    if (column < dim) return model.item.embeddings[at(item_rows.get(place), dim) + column];
    return model.category.embeddings[at(category_rows.get(place), dim) + column - dim];
  }
  KLEIO_KERNEL_CODE Float4 item_sums(std::uint32_t place, std::uint32_t column) const {
    const ProjectionTable& table = model.projections;
    return load_4(table.items + at(item_rows.get(place), table.stride) + column);
  }
  KLEIO_KERNEL_CODE Float4 category_sums(std::uint32_t place, std::uint32_t column) const {
    const ProjectionTable& table = model.projections;
    return load_4(table.categories + at(category_rows.get(place), table.stride) + column);
  }

 private:
  KLEIO_KERNEL_CODE static std::size_t at(std::int32_t row, std::uint32_t stride) {
    return static_cast<std::size_t>(row) * stride;
  }
};

}  // namespace kleio::cuda
