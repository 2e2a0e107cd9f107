// `NativeHistory` of lib/native.ts.
#pragma once

#include <napi.h>

#include <cstddef>
#include <memory>
#include <optional>
#include <utility>

#include "addon/environment.h"
#include "addon/guard.h"
#include "addon/handle.h"
#include "addon/process_runtime.h"
#include "core/history.h"

namespace kleio::addon {

class HistoryHandle {
 public:
  static constexpr napi_type_tag kTag = {0x6b6c65696f5f6869, 0xc25a90e4173f4d6b};
  static constexpr const char* kName = "native history";

  static Napi::FunctionReference define(napi_env env);

  // `over`: a table, or the model that is going to rank with the history. `backend` is one of the
  // runtime's.
  template <typename Over>
  static napi_value make(const Call& call, std::shared_ptr<const Over> over, const Backend& backend,
                         HistoryOptions options) {
    return wrap(call.environment().history_class,
                std::make_unique<HistoryHandle>(call, std::move(over), backend, options));
  }

  template <typename Over>
  HistoryHandle(const Call& call, std::shared_ptr<const Over> over, const Backend& backend,
                HistoryOptions options)
      : env_(call.env()), runtime_(call.environment().runtime()) {
    history_.emplace(std::move(over), backend, options);
    account();
  }
  ~HistoryHandle();
  HistoryHandle(const HistoryHandle&) = delete;
  HistoryHandle& operator=(const HistoryHandle&) = delete;

  // Throws kClosed.
  History& history();
  ProcessRuntime& runtime() const noexcept { return *runtime_; }
  // Tells the garbage collector how much the history now holds.
  void account() noexcept;
  void close() noexcept;

 private:
  napi_env env_;
  std::shared_ptr<ProcessRuntime> runtime_;  // outlives the history, whose storage is its backend's
  std::optional<History> history_;           // nothing: closed
  std::size_t accounted_bytes_ = 0;
};

// The binding's function.
napi_value create_history(const Call& call);

}  // namespace kleio::addon
