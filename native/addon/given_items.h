// Items as callers name them: by rows of a table, or by its ids.
#pragma once

#include <napi.h>

#include <cstdint>
#include <vector>

#include "core/table.h"

namespace kleio::addon {

// Copied and checked: who gave them may change them.
struct GivenItems {
  std::vector<std::int32_t> rows;  // -1: none, or an id that the table does not know
  std::vector<std::int64_t> ids;   // as many; empty where rows were given
};

// Throws kRange for a row that the table does not have.
std::vector<std::int32_t> given_rows_of(napi_env env, napi_value value, const Table& table,
                                        const char* name);
// Throws kArgument if the table has no ids.
GivenItems given_ids_of(napi_env env, napi_value value, const Table& table, const char* name);
// By the kind of the array.
GivenItems given_items_of(napi_env env, napi_value value, const Table& table, const char* name);

}  // namespace kleio::addon
