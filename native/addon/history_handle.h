// `NativeHistory` of lib/binding/contract/native-history.ts.
#pragma once

#include <napi.h>

#include <cstddef>
#include <memory>

#include "addon/external_memory.h"
#include "addon/guard.h"
#include "addon/handle.h"
#include "addon/process_runtime.h"
#include "core/history.h"

namespace kleio::addon {

class ExtendableSearchHandle;

class HistoryHandle {
 public:
  static constexpr napi_type_tag kTag = {0x6b6c65696f5f6869, 0xc25a90e4173f4d6b};
  static constexpr const char* kName = "native history";

  static Napi::FunctionReference define(napi_env env);

  // The history's backend is one of the runtime's.
  static napi_value make(napi_env env, History history);

  HistoryHandle(napi_env env, std::shared_ptr<ProcessRuntime> runtime, History history);
  ~HistoryHandle() { close(); }
  HistoryHandle(const HistoryHandle&) = delete;
  HistoryHandle& operator=(const HistoryHandle&) = delete;

  // Throws kClosed.
  History& history();
  ProcessRuntime& runtime() const noexcept { return *runtime_; }
  // Tells the garbage collector how much the history now holds.
  void account() noexcept;
  void close() noexcept;
  // The first of those that are closed with it; each leads to the next.
  ExtendableSearchHandle*& extendable() noexcept { return extendable_; }

 private:
  std::shared_ptr<ProcessRuntime> runtime_;  // outlives the history, whose storage is its backend's
  std::unique_ptr<History> history_;         // nullptr: closed
  ExtendableSearchHandle* extendable_ = nullptr;
  ExternalMemory external_;
};

// The binding's functions.
napi_value create_history(const Call& call);
napi_value build_table_history(const Call& call);

}  // namespace kleio::addon
