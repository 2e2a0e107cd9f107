// A search on the pool: over a snapshot, with copied targets, into arrays that nobody else sees.
#pragma once

#include <napi.h>

#include "addon/coalescer.h"
#include "addon/guard.h"
#include "core/search.h"

namespace kleio::addon {

class SearchJob final : public CoalescedJob<HistorySearch> {
 public:
  // `call` has the arrays to fill where a SearchRequest has them.
  SearchJob(const Call& call, HistorySearch search);

 private:
  Napi::ObjectReference positions_;
  Napi::ObjectReference scores_;
  Napi::ObjectReference fields_;  // empty: none are asked for
};

}  // namespace kleio::addon
