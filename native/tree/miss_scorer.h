// The node scorer of MISS: each search of a level is one batch for the backend that holds the
// request's history, attention and MLP are one fused pass over tiles of nodes on the CPU.
#pragma once

#include <memory>

#include "cpu/simd/float_kernels.h"
#include "tree/level_scorer.h"

namespace kleio {

// `kernels` outlive the scorer.
std::unique_ptr<NodeScorer> make_miss_scorer(std::shared_ptr<const ScorerModel> model,
                                             const FloatKernels& kernels);

}  // namespace kleio
