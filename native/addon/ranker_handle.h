// `NativeRanker` of lib/binding/contract/native-ranker.ts: a handle on a model made ready to rank.
#pragma once

#include <napi.h>

#include <memory>
#include <string>

#include "addon/coalescer.h"
#include "addon/external_memory.h"
#include "addon/guard.h"
#include "addon/process_runtime.h"
#include "addon/shared_objects.h"
#include "addon/table_handle.h"
#include "core/ranker_model.h"
#include "core/ranking.h"

namespace kleio::addon {

// A model and what the backend made of it. Whoever ranks holds it; it holds the backend.
struct ReadyModel {
  explicit ReadyModel(std::shared_ptr<ProcessRuntime> runtime);

  std::shared_ptr<ProcessRuntime> runtime;
  int device = kCpu;
  const Backend* backend = nullptr;  // of the runtime
  std::shared_ptr<const RankerModel> model;
  std::unique_ptr<const RankerSession> session;
  mutable Coalescer<HistoryRanking> rankings;  // of all threads that have a handle
  std::string defaults;  // lib's: what every handle of the ranker falls back on
};

class RankerHandle {
 public:
  static constexpr napi_type_tag kTag = {0x6b6c65696f5f7261, 0x5e08b7d1c3964fa2};
  static constexpr const char* kName = "native ranker";
  static constexpr const char* kClass = "Ranker";
  using Content = std::shared_ptr<const ReadyModel>;

  static Napi::FunctionReference define(napi_env env);

  // `access`: of handles on its similarity table.
  static napi_value make(napi_env env, std::shared_ptr<Shared<Content>> shared,
                         TableHandle::Access access = TableHandle::Access::kReads);

  RankerHandle(napi_env env, std::shared_ptr<Shared<Content>> shared, TableHandle::Access access)
      : shared_(std::move(shared)), access_(access), external_(env) {
    external_.tell(ready()->model->byte_size());
  }

  // Throw kClosed.
  const std::shared_ptr<Shared<Content>>& shared() const;
  const std::shared_ptr<const ReadyModel>& ready() const { return shared()->content; }
  TableHandle::Access access() const noexcept { return access_; }
  void close() noexcept {
    shared_.reset();
    external_.tell(0);
  }

 private:
  std::shared_ptr<Shared<Content>> shared_;  // nullptr: closed
  TableHandle::Access access_;
  ExternalMemory external_;
};

// The binding's function.
napi_value ranker_open(const Call& call);

}  // namespace kleio::addon
