#include "addon/search_job.h"

#include <utility>

namespace kleio::addon {

SearchJob::SearchJob(const Call& call, SearchRequest request,
                     std::shared_ptr<const HistorySnapshot> history, ProcessRuntime& runtime)
    : request_(std::move(request)),
      history_(std::move(history)),
      runtime_(runtime),
      positions_(Napi::Persistent(Napi::Object(call.env(), call[SearchRequest::kPositions]))),
      scores_(Napi::Persistent(Napi::Object(call.env(), call[SearchRequest::kScores]))) {}

void SearchJob::perform() {
  runtime_.backend->search(*history_, request_.targets, request_.options, runtime_.pool,
                           cancelled(), request_.kept);
}

napi_value SearchJob::result(napi_env env) {
  return Napi::Env(env).Undefined();
}

}  // namespace kleio::addon
