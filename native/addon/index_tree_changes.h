// `insert`, `remove`, `save` and `quality` of a native tree: each a job on the pool.
#pragma once

#include "addon/guard.h"

namespace kleio::addon {

// One change of a tree at a time: lib sees to it.
napi_value index_tree_insert(const Call& call);
napi_value index_tree_remove(const Call& call);
napi_value index_tree_save(const Call& call);
// Returns the job's number.
napi_value index_tree_quality(const Call& call);

}  // namespace kleio::addon
