#include "addon/search_job.h"

#include <utility>

#include "addon/environment.h"
#include "addon/search_request.h"

namespace kleio::addon {

SearchJob::SearchJob(const Call& call, HistorySearch search)
    : CoalescedJob(std::move(search), call.environment().runtime()->searches),
      positions_(Napi::Persistent(Napi::Object(call.env(), call[SearchRequest::kPositions]))),
      scores_(Napi::Persistent(Napi::Object(call.env(), call[SearchRequest::kScores]))) {
  const Napi::Value fields(call.env(), call[SearchRequest::kFields]);
  if (fields.IsObject()) fields_ = Napi::Persistent(fields.As<Napi::Object>());
}

}  // namespace kleio::addon
