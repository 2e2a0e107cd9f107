// The simplest scorers: the inner product of a user vector with a node.
//
// Formula   logit = <user, z> or <user, e>, in float64 in ascending dimension, rounded once to
// float32: the same bits on every instruction set.
#pragma once

#include <memory>

#include "tree/level_scorer.h"

namespace kleio {

// Over the means of the tree itself; needs no weights.
std::unique_ptr<NodeScorer> make_mean_scorer();

// Over a model's embeddings of nodes and items.
std::unique_ptr<NodeScorer> make_two_tower_scorer(std::shared_ptr<const ScorerModel> model);

}  // namespace kleio
