// `searchMany` of the binding: searches of any histories as one job of the pool.
#pragma once

#include "addon/guard.h"

namespace kleio::addon {

// Returns the job's number.
napi_value search_many(const Call& call);

}  // namespace kleio::addon
