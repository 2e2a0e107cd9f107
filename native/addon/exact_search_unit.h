// `simTier` and `semanticTargetAttention` of lib/binding/contract/native-attention.ts: the ESU's
// parts as plain functions.
#pragma once

#include "addon/guard.h"

namespace kleio::addon {

napi_value sim_tier(const Call& call);
napi_value semantic_target_attention(const Call& call);

}  // namespace kleio::addon
