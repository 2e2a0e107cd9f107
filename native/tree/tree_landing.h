// Where a new item belongs in a tree.
#pragma once

#include <cstdint>

#include "tree/tree_state.h"

namespace kleio {

// The leaf at which an item arrives: the most alike that a beam of 8 nodes leads to; of equals the
// one met first, which lies highest. The tree has a node.
std::int32_t landing_of(const TreeState& tree, std::int32_t item);

}  // namespace kleio
