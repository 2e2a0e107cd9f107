// How good a tree is as an index: its shape, how alike the items below its nodes are, and how far
// it has moved since it was built.
#pragma once

#include <cstdint>
#include <vector>

#include "core/call_context.h"
#include "tree/tree_state.h"

namespace kleio {

struct LevelQuality {
  std::uint64_t nodes = 0;                  // on this level
  std::uint64_t leaves = 0;                 // of them
  std::uint32_t smallest = 0, largest = 0;  // items below a node of the level
  // Mean cosine of items with their node of this level (their leaf where it lies higher).
  double similarity = 0;
};

struct TreeQuality {
  std::uint64_t items = 0;
  double mean_depth = 0;  // of a leaf
  // Mean over inner nodes of the smaller child's items over the larger's; 1 where they differ by at
  // most one.
  double balance = 1;
  std::uint64_t sampled = 0;  // items whose cosines were taken
  std::vector<LevelQuality> levels;
  // Mean over the remembered inner nodes of 1 - cos(mean now, mean as built). Where a node is gone,
  // the uppermost that bears its number stands for it.
  double moved = 0;
};

// Takes the cosines of at most 65536 items, evenly spread over those of the tree. Throws kAborted.
TreeQuality tree_quality(const TreeState& tree, const CallContext& context);

}  // namespace kleio
