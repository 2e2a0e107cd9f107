// `NativeWeights` of lib/binding/contract/native-ranker.ts, read.
#pragma once

#include <napi.h>

#include "core/ranker_weights.h"

namespace kleio::addon {

// Copies the elements of tensors that come as typed arrays. Throws Error.
RankerWeights ranker_weights_of(napi_env env, napi_value value);

}  // namespace kleio::addon
