// `NativeTreeScorer` of lib/binding/contract/native-tree-scorer.ts: a handle on a node scorer's
// weights made ready.
#pragma once

#include <napi.h>

#include <memory>

#include "addon/external_memory.h"
#include "addon/guard.h"
#include "addon/process_runtime.h"
#include "addon/shared_objects.h"
#include "tree/level_scorer.h"
#include "tree/scorer_model.h"

namespace kleio::addon {

// Whoever searches holds it; it holds the runtime.
struct ReadyScorer {
  std::shared_ptr<ProcessRuntime> runtime;
  std::shared_ptr<const ScorerModel> model;
  std::unique_ptr<const NodeScorer> scorer;
};

class TreeScorerHandle {
 public:
  static constexpr napi_type_tag kTag = {0x6b6c65696f5f7473, 0x3ad96e1407f85bc2};
  static constexpr const char* kName = "native tree scorer";
  static constexpr const char* kClass = "TreeScorer";
  using Content = std::shared_ptr<const ReadyScorer>;

  static Napi::FunctionReference define(napi_env env);

  static napi_value make(napi_env env, std::shared_ptr<Shared<Content>> shared);

  TreeScorerHandle(napi_env env, std::shared_ptr<Shared<Content>> shared)
      : shared_(std::move(shared)), external_(env) {
    external_.tell(ready()->model->byte_size());
  }

  // Throw kClosed.
  const std::shared_ptr<Shared<Content>>& shared() const;
  const std::shared_ptr<const ReadyScorer>& ready() const { return shared()->content; }
  void close() noexcept {
    shared_.reset();
    external_.tell(0);
  }

 private:
  std::shared_ptr<Shared<Content>> shared_;  // nullptr: closed
  ExternalMemory external_;
};

// The binding's function.
napi_value tree_scorer_open(const Call& call);

}  // namespace kleio::addon
