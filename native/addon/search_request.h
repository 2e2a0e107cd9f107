// The arguments of `searchSync` and `search`: `NativeSearch` of
// lib/binding/contract/native-history.ts, then the arrays to fill.
#pragma once

#include <cstddef>

#include "addon/argument_list.h"
#include "core/history.h"
#include "core/search.h"

namespace kleio::addon {

struct SearchRequest {
  // Places of arguments in the call.
  static constexpr std::size_t kPositions = 11;
  static constexpr std::size_t kScores = 12;
  static constexpr std::size_t kArguments = 13;

  Targets targets;  // copied
  SearchOptions options;
  KeptView kept;  // the caller's arrays
  std::size_t max_threads = 0;
};

// Throws Error for whatever does not fit the history.
SearchRequest search_request_of(const ArgumentList& call, const History& history);

}  // namespace kleio::addon
