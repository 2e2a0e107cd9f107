#include "addon/guard.h"

#include "addon/environment.h"
#include "addon/failure.h"

namespace kleio::addon {

Call::Call(napi_env env, napi_callback_info info, StandardFloatState& float_state)
    : ArgumentList(env), environment_(Environment::of(env)), float_state_(float_state) {
  std::size_t count = kMaxArguments;
  require_ok(env, napi_get_cb_info(env, info, &count, arguments_.data(), &self_, nullptr));
}

napi_value construct_empty(napi_env env, napi_callback_info info) noexcept {
  napi_value self = nullptr;
  napi_get_cb_info(env, info, nullptr, nullptr, &self, nullptr);
  return self;
}

void require_ok(napi_env env, napi_status status) {
  if (status != napi_ok) throw Napi::Error::New(env);
}

void throw_current_exception(napi_env env) noexcept {
  // A worker that is being terminated refuses every call; its exception is pending already.
  try {
    try {
      throw;
    } catch (const Napi::Error& error) {
      error.ThrowAsJavaScriptException();
    } catch (...) {
      const napi_value error = Environment::of(env).make_error(current_failure());
      napi_throw(env, error);
    }
  } catch (...) {
  }
}

}  // namespace kleio::addon
