// Divides items in two, and each part again, until every part is one item.
//
// The same order and the same cuts for every number of threads: each part draws its randomness from
// the seed and its own node, keeps its items in ascending order, and is divided by margins that
// depend on nothing else.
//
// Parts of more than 4 MiB of widened rows are divided one after the other, their margins computed
// by all threads; smaller ones are tasks, each of whose rows are widened once and stay in a core's
// cache.
#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include "core/call_context.h"
#include "tree/tree_state.h"

namespace kleio {

// The items in an order in which every part is a run, and where each run is cut in two.
struct Partition {
  std::vector<std::int32_t> order;
  // By inner node in preorder: the first index of its right part. The parts of a run that begins at
  // `begin` and whose cuts begin at `first_cut` have theirs from first_cut + 1 on, and from
  // first_cut + (cut - begin) on.
  std::vector<std::int32_t> cuts;
};

struct SplitOptions {
  Split split = Split::kBalanced;
  std::uint64_t seed = 0;
};

// Divides `items`, ascending, of `tree`. Adds to `item_levels`, unless that is null and atomically,
// items times the levels they have been divided on. Throws kAborted.
Partition split_items(const TreeState& tree, std::vector<std::int32_t> items,
                      const SplitOptions& options, const CallContext& context,
                      std::uint64_t* item_levels);

}  // namespace kleio
