#include "addon/search_request.h"

#include <string>

#include "addon/choices.h"
#include "core/error.h"

namespace kleio::addon {
namespace {

// The arguments, in order.
enum Argument : std::size_t {
  kTargetKind,
  kTargets,
  kCount,
  kUnit,
  kK,
  kMinScore,
  kSince,
  kDistinct,
  kThreads,
  kCategories,
  kExclude,
};
static_assert(kExclude + 1 == SearchRequest::kPositions);

[[noreturn]] void refuse_without(const char* what, const char* need) {
  throw Error(ErrorCode::kArgument, std::string(what) + "; " + need);
}

void require_row(std::int32_t row, const Table& table, const char* name, std::size_t index) {
  const std::size_t rows = table.view().rows;
  if (row >= -1 && row < static_cast<std::int64_t>(rows)) return;
  throw Error(ErrorCode::kRange, std::string(name) + " must be rows of the table (0 to " +
                                     std::to_string(rows) + ", exclusive) or -1; index " +
                                     std::to_string(index) + " is " + std::to_string(row));
}

std::vector<std::int32_t> rows_of(napi_env env, napi_value value, const Table& table,
                                  const char* name) {
  const auto given = elements_of<std::int32_t>(env, value, name);
  std::vector<std::int32_t> rows(given.begin(), given.end());
  for (std::size_t i = 0; i < rows.size(); ++i) require_row(rows[i], table, name, i);
  return rows;
}

std::vector<std::int32_t> rows_of_ids(napi_env env, napi_value value, const Table& table,
                                      const char* name) {
  if (!table.has_ids()) refuse_without("this table has no ids", "give rows instead");
  const auto ids = elements_of<std::int64_t>(env, value, name);
  std::vector<std::int32_t> rows(ids.size());
  table.rows_of(ids, rows);
  return rows;
}

std::vector<std::byte> embeddings_copy_of(napi_env env, napi_value value, const Table& table) {
  const MatrixView view =
      embeddings_of(env, value, table.view().dtype, table.view().dim, "targets").view;
  return {view.values, view.values + view.byte_size()};
}

Unit unit_of(napi_env env, napi_value value) {
  return kUnits[integer_of(env, value, "unit", 0, std::size(kUnits) - 1)].unit;
}

Targets targets_of(const ArgumentList& call, Unit unit, const Table& table) {
  const napi_env env = call.env();
  const napi_value given = call[kTargets];
  Targets targets;
  targets.count = integer_of(env, call[kCount], "count", 0, kMaxRows);
  const auto require_count = [&targets](std::size_t count, const char* name) {
    require_length(count, targets.count, name, "the number of targets");
  };
  if (traits_of(unit).by_categories) {
    const auto categories = elements_of<std::int64_t>(env, call[kCategories], "categories");
    require_count(categories.size(), "categories");
    targets.categories.assign(categories.begin(), categories.end());
    return targets;
  }
  switch (choice_of(env, call[kTargetKind], "targetKind", kTargetKinds)) {
    case TargetKind::kRows:
      targets.rows = rows_of(env, given, table, "targets");
      require_count(targets.rows.size(), "targets");
      break;
    case TargetKind::kIds:
      targets.rows = rows_of_ids(env, given, table, "targets");
      require_count(targets.rows.size(), "targets");
      break;
    case TargetKind::kEmbeddings:
      targets.embeddings = embeddings_copy_of(env, given, table);
      require_count(targets.embeddings.size() / table.view().row_stride_bytes(), "targets");
      break;
    case TargetKind::kNone:
      refuse_without("targets are missing", "this unit needs them");
  }
  return targets;
}

std::vector<std::int32_t> excluded_rows_of(const ArgumentList& call, const Table& table) {
  const napi_env env = call.env();
  const napi_value given = call[kExclude];
  if (Napi::Value(env, given).IsUndefined()) return {};
  const auto array = typed_array_of(env, given);
  std::vector<std::int32_t> rows = array && array->type == napi_bigint64_array
                                       ? rows_of_ids(env, given, table, "exclude")
                                       : rows_of(env, given, table, "exclude");
  std::erase(rows, -1);
  return rows;
}

SearchOptions options_of(const ArgumentList& call, const Table& table) {
  const napi_env env = call.env();
  SearchOptions options;
  options.unit = unit_of(env, call[kUnit]);
  options.k = static_cast<std::uint32_t>(integer_of(env, call[kK], "k", 1, kMaxRows));
  options.min_score = float_of(env, call[kMinScore], "minScore");
  options.since = number_of(env, call[kSince], "since");
  options.distinct = boolean_of(env, call[kDistinct], "distinct");
  options.excluded_rows = excluded_rows_of(call, table);
  return options;
}

// What the search asks of behaviours, they must have.
void require_attributes(const SearchOptions& options, const History& history) {
  if (history.length() == 0) return;
  const UnitTraits& unit = traits_of(options.unit);
  if (unit.by_categories && !history.has_categories()) {
    const std::string needs =
        std::string("by: '") + unit.name + "' needs the behaviours' categories";
    refuse_without(needs.c_str(), "append them");
  }
  if (options.has_since() && !history.has_times()) {
    refuse_without("since needs the behaviours' times", "append them");
  }
}

}  // namespace

SearchRequest search_request_of(const ArgumentList& call, const History& history) {
  const Table& table = history.table();
  SearchRequest request;
  request.options = options_of(call, table);
  require_attributes(request.options, history);
  request.targets = targets_of(call, request.options.unit, table);
  request.kept = kept_of(call.env(), call[SearchRequest::kPositions], call[SearchRequest::kScores],
                         request.targets.count, request.options.k);
  request.max_threads = threads_of(call.env(), call[kThreads]);
  return request;
}

}  // namespace kleio::addon
