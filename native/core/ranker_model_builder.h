// From a ranker's tensors to its model: every shape and every value is checked here, once.
#pragma once

#include <memory>

#include "core/ranker_model.h"
#include "core/ranker_weights.h"

namespace kleio {

// Maps the file, if there is one, and uses what is large and aligned in place. Throws Error naming
// the tensor: kShape, kNotFinite (with row and column), kFormat (ids that do not ascend),
// kDuplicateId, kRange, kFile.
std::shared_ptr<const RankerModel> build_ranker_model(RankerWeights weights);

}  // namespace kleio
