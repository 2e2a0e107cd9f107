#include "addon/environment.h"

#include "addon/guard.h"
#include "core/error.h"

namespace kleio::addon {

Environment& Environment::of(napi_env env) noexcept {
  void* environment = nullptr;
  napi_get_instance_data(env, &environment);
  return *static_cast<Environment*>(environment);
}

void Environment::attach(napi_env env) {
  const auto finalise = [](napi_env, void* environment, void*) {
    delete static_cast<Environment*>(environment);
  };
  std::unique_ptr<Environment> environment(new Environment(env));
  require_ok(env, napi_set_instance_data(env, environment.get(), finalise, nullptr));
  environment.release();
}

void Environment::initialise(Napi::Function make_error, const RuntimeOptions& options) {
  make_error_ = Napi::Persistent(make_error);
  if (runtime_) return;
  std::shared_ptr<ProcessRuntime> runtime = ProcessRuntime::join(options);
  channel_.emplace(env_, runtime->pool);
  // After the channel was made: hooks run in reverse order, so ours runs before the one in which
  // Node closes the channel's thread-safe function.
  const auto hook = [](void* environment) { static_cast<Environment*>(environment)->leave(); };
  require_ok(env_, napi_add_env_cleanup_hook(env_, hook, this));
  runtime_ = std::move(runtime);
}

napi_value Environment::make_error(const Failure& failure) const {
  const Napi::String code = Napi::String::New(env_, error_code_name(failure.code));
  const Napi::String message = Napi::String::New(env_, failure.message);
  if (!make_error_.IsEmpty()) return make_error_.Call({code, message});
  const Napi::Error error = Napi::Error::New(env_, failure.message);
  error.Value().Set("code", code);
  return error.Value();
}

const std::shared_ptr<ProcessRuntime>& Environment::runtime() const {
  if (!runtime_) throw Error(ErrorCode::kInternal, "initialise must be called first");
  return runtime_;
}

CompletionChannel& Environment::channel() {
  if (!channel_) throw Error(ErrorCode::kInternal, "initialise must be called first");
  return *channel_;
}

void Environment::leave() noexcept {
  channel_.reset();
  make_error_.Reset();
  table_class.Reset();
  history_class.Reset();
  extendable_search_class.Reset();
  ranker_class.Reset();
  index_tree_class.Reset();
  tree_scorer_class.Reset();
  runtime_.reset();
}

}  // namespace kleio::addon
