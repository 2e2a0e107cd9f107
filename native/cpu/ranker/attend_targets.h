// Semantic-aware target attention over behaviours given as embeddings: the ESU as a function.
#pragma once

#include <span>

#include "core/call_context.h"
#include "core/ranker_model.h"
#include "core/target_attention_batch.h"
#include "cpu/simd/float_kernels.h"

namespace kleio {

// Fills `out`, [count, sum of the heads' value widths]. A target's results do not depend on the
// others, nor on the threads.
void target_attention(const SemanticAttentionView& layers, const TargetAttentionBatch& batch,
                      const FloatKernels& kernels, const CallContext& context,
                      std::span<float> out);

}  // namespace kleio
