#include "addon/search_job.h"

#include <utility>

#include "addon/environment.h"
#include "addon/search_request.h"

namespace kleio::addon {

SearchJob::SearchJob(const Call& call, HistorySearch search)
    : CoalescedJob(std::move(search), call.environment().runtime()->searches),
      positions_(Napi::Persistent(Napi::Object(call.env(), call[SearchRequest::kPositions]))),
      scores_(Napi::Persistent(Napi::Object(call.env(), call[SearchRequest::kScores]))) {}

}  // namespace kleio::addon
