// The arrays that take what is told of behaviours: `NativeFields` of
// lib/binding/contract/native-history.ts.
#pragma once

#include <napi.h>

#include <cstddef>

#include "core/behaviour_fields.h"
#include "core/history.h"

namespace kleio::addon {

// Undefined: none are asked for. Each is of `count` elements. Throws kArgument for what behaviours
// of this history do not have.
FieldsView fields_of(napi_env env, napi_value value, std::size_t count, const History& history);

// `history.read`: from, fields, count of places. Returns how many behaviours there are.
std::size_t read_behaviours(napi_env env, napi_value from, napi_value fields, napi_value places,
                            const History& history);

}  // namespace kleio::addon
