// The node scorer of MISS: each search of a level is one batch for the backend that holds the
// request's history, attention and MLP are one fused pass over tiles of nodes on the CPU.
#pragma once

#include <memory>

#include "cpu/simd/isa.h"
#include "tree/level_scorer.h"

namespace kleio {

std::unique_ptr<NodeScorer> make_miss_scorer(std::shared_ptr<const ScorerModel> model, Isa isa);

}  // namespace kleio
