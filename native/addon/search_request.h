// The arguments of `searchSync` and `search`: `NativeSearch` of
// lib/binding/contract/native-history.ts, then the arrays to fill.
#pragma once

#include <cstddef>

#include "addon/argument_list.h"
#include "core/history.h"
#include "core/search.h"

namespace kleio::addon {

// What is asked, without the arrays to fill.
struct AskedSearch {
  Targets targets;  // copied
  SearchOptions options;
  std::size_t max_threads = 0;
};

struct SearchRequest : AskedSearch {
  // Places of arguments in the call.
  static constexpr std::size_t kPositions = 12;
  static constexpr std::size_t kScores = 13;
  static constexpr std::size_t kFields = 14;
  static constexpr std::size_t kArguments = 15;

  KeptView kept = {};      // the caller's arrays
  FieldsView fields = {};  // likewise
};

// Throw Error for whatever does not fit the history.
AskedSearch asked_search_of(const ArgumentList& call, const History& history);
SearchRequest search_request_of(const ArgumentList& call, const History& history);

// What the search asks of behaviours, they must have. Throws kArgument.
void require_attributes(const SearchOptions& options, const History& history);

// Which behaviours may be kept, by the arguments `since`, `until` and `exclude`. Throws Error.
void read_eligible(napi_env env, napi_value since, napi_value until, napi_value exclude,
                   const History& history, SearchOptions& options);

}  // namespace kleio::addon
