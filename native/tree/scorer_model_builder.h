// From a scorer's tensors to its model: every shape and every value is checked here, once.
#pragma once

#include <memory>

#include "tree/scorer_model.h"
#include "tree/scorer_weights.h"

namespace kleio {

// Maps the file, if there is one, and uses what is large and aligned in place. Throws Error naming
// the tensor: kShape, kNotFinite (with row and column), kDuplicateId, kRange, kFile.
std::shared_ptr<const ScorerModel> build_scorer_model(ScorerWeights weights);

}  // namespace kleio
