// `search` of a native tree.
#pragma once

#include "addon/guard.h"

namespace kleio::addon {

// Returns the job's number.
napi_value index_tree_search(const Call& call);

}  // namespace kleio::addon
