// A search on the pool: over a snapshot, with copied targets, into arrays that nobody else sees.
#pragma once

#include <napi.h>

#include <memory>

#include "addon/completion_channel.h"
#include "addon/guard.h"
#include "addon/process_runtime.h"
#include "addon/search_request.h"
#include "core/history_snapshot.h"

namespace kleio::addon {

class SearchJob final : public Job {
 public:
  SearchJob(const Call& call, SearchRequest request, std::shared_ptr<const HistorySnapshot> history,
            ProcessRuntime& runtime);

 private:
  void perform() override;
  napi_value result(napi_env env) override;

  SearchRequest request_;
  std::shared_ptr<const HistorySnapshot> history_;
  ProcessRuntime& runtime_;  // the environment holds it until its jobs are over
  Napi::ObjectReference positions_;
  Napi::ObjectReference scores_;
};

}  // namespace kleio::addon
