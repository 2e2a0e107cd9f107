// Beam search down an index tree, level by level.
//
// From the first level with more than B nodes (or a level that is asked for) on, all nodes of a
// level are scored in one batch, the B best with children are kept and replaced by their children.
// Leaves met on the way, also those above the first level, go to the result pool and use no place
// of the beam. Order: logit descending, then the smaller number (node_numbers.h), so that it is the
// same in every replica of a tree. The n best of the pool are returned. A logit that is not a
// number counts as -infinity.
//
// With B at least the number of leaves every leaf is scored, whatever the scorer.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "core/cancellation.h"
#include "tree/level_scorer.h"
#include "tree/node_filter.h"
#include "tree/tree_state.h"

namespace kleio {

struct BeamOptions {
  std::size_t beam = 0;           // B, at least 1
  std::size_t count = 0;          // n
  std::int64_t start_level = -1;  // -1: the first level with more than B nodes
  bool keep_levels = false;       // whether to fill Retrieved::levels
};

// The nodes that stayed in consideration on one level: the leaves met on it, by their numbers, then
// the beam, best first. The first level has the leaves above it too.
struct BeamLevel {
  std::size_t level = 0;
  std::vector<NodeNumber> nodes;
  std::vector<float> logits;
};

struct Retrieved {
  std::vector<std::int32_t> items;  // best first
  std::vector<float> logits;
  std::vector<BeamLevel> levels;
  std::size_t scored = 0;  // nodes
};

// Throws kAborted and what the scorer throws.
Retrieved beam_search(const TreeState& tree, const NodeFilter& filter, const BeamOptions& options,
                      LevelScorer& scorer, Cancellation cancellation);

}  // namespace kleio
