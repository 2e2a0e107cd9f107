#include "addon/given_items.h"

#include <string>

#include "addon/arguments.h"
#include "core/error.h"

namespace kleio::addon {

std::vector<std::int32_t> given_rows_of(napi_env env, napi_value value, const Table& table,
                                        const char* name) {
  const auto given = elements_of<std::int32_t>(env, value, name);
  std::vector<std::int32_t> rows(given.begin(), given.end());
  require_rows(rows, table.rows(), name);
  return rows;
}

GivenItems given_ids_of(napi_env env, napi_value value, const Table& table, const char* name) {
  if (!table.has_ids()) {
    throw Error(ErrorCode::kArgument, "this table has no ids; give rows instead");
  }
  const auto ids = elements_of<std::int64_t>(env, value, name);
  GivenItems given = {std::vector<std::int32_t>(ids.size()), {ids.begin(), ids.end()}};
  table.rows_of(given.ids, given.rows);
  return given;
}

GivenItems given_items_of(napi_env env, napi_value value, const Table& table, const char* name) {
  const auto array = typed_array_of(env, value);
  if (array && array->type == napi_bigint64_array) return given_ids_of(env, value, table, name);
  return {given_rows_of(env, value, table, name), {}};
}

}  // namespace kleio::addon
