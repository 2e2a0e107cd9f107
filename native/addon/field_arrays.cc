#include "addon/field_arrays.h"

#include <cstdint>
#include <string>

#include "addon/arguments.h"
#include "addon/limits.h"
#include "core/block_memory.h"

namespace kleio::addon {
namespace {

// Places of the array of arrays.
enum Field : std::uint32_t { kRows, kIds, kTimes, kCategories, kSequences };

template <typename Element>
std::span<Element> column_of(napi_env env, napi_value columns, Field field, const char* name,
                             std::size_t count) {
  napi_value column = nullptr;
  require_ok(env, napi_get_element(env, columns, field, &column));
  if (Napi::Value(env, column).IsUndefined()) return {};
  const auto elements = elements_of<Element>(env, column, name);
  require_length(elements.size(), count, name, "the number of behaviours asked for");
  return elements;
}

void require_column(bool asked, bool present, const char* name, const char* remedy) {
  if (!asked || present) return;
  throw Error(ErrorCode::kArgument, std::string("fields: '") + name + "' needs " + remedy);
}

}  // namespace

FieldsView fields_of(napi_env env, napi_value value, std::size_t count, const History& history) {
  FieldsView fields;
  if (Napi::Value(env, value).IsUndefined()) return fields;
  length_of_array(env, value, "fields");
  fields.rows = column_of<std::int32_t>(env, value, kRows, "rows", count);
  fields.ids = column_of<std::int64_t>(env, value, kIds, "ids", count);
  fields.times = column_of<double>(env, value, kTimes, "times", count);
  fields.categories = column_of<std::int64_t>(env, value, kCategories, "categories", count);
  fields.sequences = column_of<double>(env, value, kSequences, "sequences", count);
  require_column(!fields.ids.empty(), history.table().has_ids(), "ids",
                 "a table with ids; ask for 'rows'");
  if (history.length() == 0) return fields;
  require_column(!fields.times.empty(), history.has_times(), "times",
                 "the behaviours' times; append them");
  require_column(!fields.categories.empty(), history.has_categories(), "categories",
                 "the behaviours' categories; append them");
  return fields;
}

std::size_t read_behaviours(napi_env env, napi_value from, napi_value fields, napi_value places,
                            const History& history) {
  const auto first = static_cast<std::int64_t>(integer_of(env, from, "from", 0, kMaxSafeInteger));
  const std::size_t count = integer_of(env, places, "count", 0, kMaxRows);
  const FieldsView columns = fields_of(env, fields, count, history);
  BlockVector<std::int64_t> sequences(count);
  const std::size_t present = list_behaviours(history.present(), first, sequences);
  read_fields(history.present(), {sequences.data(), present}, columns);
  return present;
}

}  // namespace kleio::addon
