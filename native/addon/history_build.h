// A history of many behaviours, made on the pool: nobody has it until it is whole.
#pragma once

#include <napi.h>

#include <cstddef>

#include "addon/guard.h"
#include "core/history.h"

namespace kleio::addon {

// The capacity of a history as an argument.
std::size_t capacity_of(napi_env env, napi_value value);

// Appends what the call brings from its argument `first` on (behaviours, categories, times, done),
// copied, to a history that is still empty, and gives it to `done`. Returns the job's number.
napi_value build_history(const Call& call, History empty, std::size_t first);

}  // namespace kleio::addon
