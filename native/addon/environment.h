// What the addon keeps for one JavaScript environment, the main thread or a worker.
//
// Leaving: when an environment ends, its cleanup hook cancels what it has on the pool and waits for
// it, while everything that those jobs use is still there. After that no thread knows of it.
#pragma once

#include <napi.h>

#include <memory>
#include <optional>

#include "addon/completion_channel.h"
#include "addon/failure.h"
#include "addon/process_runtime.h"

namespace kleio::addon {

class Environment {
 public:
  // The environment of a `napi_env` in which `attach` has been called.
  static Environment& of(napi_env env) noexcept;
  static void attach(napi_env env);
  Environment(const Environment&) = delete;
  Environment& operator=(const Environment&) = delete;

  // A second call only replaces `make_error`.
  void initialise(Napi::Function make_error, const RuntimeOptions& options);

  // What `make_error` of lib/support/errors.ts makes of a failure.
  napi_value make_error(const Failure& failure) const;

  // Throw kInternal before `initialise`.
  const std::shared_ptr<ProcessRuntime>& runtime() const;
  CompletionChannel& channel();

  // The JavaScript classes behind the handles, made once.
  Napi::FunctionReference table_class;
  Napi::FunctionReference history_class;
  Napi::FunctionReference extendable_search_class;
  Napi::FunctionReference history_bytes_class;
  Napi::FunctionReference history_reading_class;
  Napi::FunctionReference ranker_class;
  Napi::FunctionReference index_tree_class;
  Napi::FunctionReference tree_scorer_class;

 private:
  explicit Environment(napi_env env) : env_(env) {}
  void leave() noexcept;

  napi_env env_;
  Napi::FunctionReference make_error_;
  std::shared_ptr<ProcessRuntime> runtime_;
  std::optional<CompletionChannel> channel_;
};

}  // namespace kleio::addon
