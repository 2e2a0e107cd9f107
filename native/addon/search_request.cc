#include "addon/search_request.h"

#include <string>
#include <utility>

#include "addon/choices.h"
#include "addon/field_arrays.h"
#include "addon/given_items.h"
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
  kUntil,
  kDistinct,
  kThreads,
  kCategories,
  kExclude,
};
static_assert(kExclude + 1 == SearchRequest::kPositions);

[[noreturn]] void refuse_without(const char* what, const char* need) {
  throw Error(ErrorCode::kArgument, std::string(what) + "; " + need);
}

std::vector<std::byte> embeddings_copy_of(napi_env env, napi_value value, const Table& table) {
  const MatrixView view = embeddings_of(env, value, table.dtype(), table.dim(), "targets").view;
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
      targets.rows = given_rows_of(env, given, table, "targets");
      require_count(targets.rows.size(), "targets");
      break;
    case TargetKind::kIds:
      targets.rows = given_ids_of(env, given, table, "targets").rows;
      require_count(targets.rows.size(), "targets");
      break;
    case TargetKind::kEmbeddings:
      targets.embeddings = embeddings_copy_of(env, given, table);
      require_count(targets.embeddings.size() / table.row_bytes(), "targets");
      break;
    case TargetKind::kNone:
      refuse_without("targets are missing", "this unit needs them");
  }
  return targets;
}

void read_exclude(napi_env env, napi_value value, const History& history, SearchOptions& options) {
  if (Napi::Value(env, value).IsUndefined()) return;
  GivenItems items = given_items_of(env, value, history.table(), "exclude");
  options.excluded_rows = std::move(items.rows);
  std::erase(options.excluded_rows, -1);
  const std::vector<std::int32_t> shadowed = history.shadowed_rows(items.ids);
  options.excluded_rows.insert(options.excluded_rows.end(), shadowed.begin(), shadowed.end());
  options.excluded_ids = std::move(items.ids);
}

SearchOptions options_of(const ArgumentList& call, const History& history) {
  const napi_env env = call.env();
  SearchOptions options;
  options.unit = unit_of(env, call[kUnit]);
  options.k = static_cast<std::uint32_t>(integer_of(env, call[kK], "k", 1, kMaxRows));
  options.min_score = float_of(env, call[kMinScore], "minScore");
  options.distinct = boolean_of(env, call[kDistinct], "distinct");
  read_eligible(env, call[kSince], call[kUntil], call[kExclude], history, options);
  return options;
}

void require_times(const SearchOptions& options, const History& history) {
  if (options.by_time() && history.length() > 0 && !history.has_times()) {
    refuse_without("since and until need the behaviours' times", "append them");
  }
}

}  // namespace

void read_eligible(napi_env env, napi_value since, napi_value until, napi_value exclude,
                   const History& history, SearchOptions& options) {
  options.since = number_of(env, since, "since");
  options.until = number_of(env, until, "until");
  require_times(options, history);
  read_exclude(env, exclude, history, options);
}

void require_attributes(const SearchOptions& options, const History& history) {
  require_times(options, history);
  const UnitTraits& unit = traits_of(options.unit);
  if (unit.by_categories && history.length() > 0 && !history.has_categories()) {
    const std::string needs =
        std::string("by: '") + unit.name + "' needs the behaviours' categories";
    refuse_without(needs.c_str(), "append them");
  }
}

AskedSearch asked_search_of(const ArgumentList& call, const History& history) {
  AskedSearch asked;
  asked.options = options_of(call, history);
  require_attributes(asked.options, history);
  asked.targets = targets_of(call, asked.options.unit, history.table());
  asked.max_threads = threads_of(call.env(), call[kThreads]);
  return asked;
}

SearchRequest search_request_of(const ArgumentList& call, const History& history) {
  SearchRequest request{asked_search_of(call, history)};
  request.kept = kept_of(call.env(), call[SearchRequest::kPositions], call[SearchRequest::kScores],
                         request.targets.count, request.options.k);
  request.fields =
      fields_of(call.env(), call[SearchRequest::kFields], request.kept.positions().size(), history);
  return request;
}

}  // namespace kleio::addon
