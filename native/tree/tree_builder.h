// From a table to its index tree.
#pragma once

#include <memory>

#include "core/call_context.h"
#include "core/table.h"
#include "tree/tree_splitter.h"
#include "tree/tree_state.h"

namespace kleio {

// A tree over the first `rows` of the table; `item_levels` as of `split_items`. Throws kAborted,
// kOutOfMemory.
std::shared_ptr<const TreeState> build_tree(std::shared_ptr<Table> table, std::size_t rows,
                                            const SplitOptions& options, const CallContext& context,
                                            std::uint64_t* item_levels);

// Makes the node at `root`, a leaf without children so far, the root of the parts of a partition,
// breadth first; inner nodes are of `feature`, or numbered on from tree.built_inner if it is
// nothing. Leaves the means unwritten.
void grow(TreeState& tree, std::int32_t root, const Partition& partition,
          const std::int32_t* feature);

// Keeps the means of the upper inner nodes of a tree just built.
void remember_means(TreeState& tree);

}  // namespace kleio
