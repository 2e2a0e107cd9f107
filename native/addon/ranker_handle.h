// `NativeRanker` of lib/binding/contract/native-ranker.ts: a handle on a model made ready to rank.
#pragma once

#include <napi.h>

#include <memory>

#include "addon/coalescer.h"
#include "addon/external_memory.h"
#include "addon/guard.h"
#include "addon/process_runtime.h"
#include "core/ranker_model.h"
#include "core/ranking.h"

namespace kleio::addon {

// A model and what the backend made of it. Whoever ranks holds it; it holds the backend.
struct ReadyModel {
  explicit ReadyModel(std::shared_ptr<ProcessRuntime> runtime);

  std::shared_ptr<ProcessRuntime> runtime;
  const Backend* backend = nullptr;  // of the runtime
  std::shared_ptr<const RankerModel> model;
  std::unique_ptr<const RankerSession> session;
  mutable Coalescer<HistoryRanking> rankings;
};

class RankerHandle {
 public:
  static constexpr napi_type_tag kTag = {0x6b6c65696f5f7261, 0x5e08b7d1c3964fa2};
  static constexpr const char* kName = "native ranker";

  static Napi::FunctionReference define(napi_env env);

  RankerHandle(napi_env env, std::shared_ptr<const ReadyModel> ready)
      : ready_(std::move(ready)), external_(env) {
    external_.tell(ready_->model->byte_size());
  }

  // Throws kClosed.
  const std::shared_ptr<const ReadyModel>& ready() const;
  void close() noexcept {
    ready_.reset();
    external_.tell(0);
  }

 private:
  std::shared_ptr<const ReadyModel> ready_;  // nullptr: closed
  ExternalMemory external_;
};

// The binding's function.
napi_value ranker_open(const Call& call);

}  // namespace kleio::addon
