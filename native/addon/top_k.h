// `topK` of lib/binding/contract/native-history.ts: the stateless search.
#pragma once

#include "addon/guard.h"

namespace kleio::addon {

napi_value top_k(const Call& call);

}  // namespace kleio::addon
