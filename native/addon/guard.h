// The one door from JavaScript: `entry<function>` is what Node-API calls. It collects the
// arguments, lets no C++ exception cross, and computes in the standard floating-point state, while
// JavaScript that is called from here finds its own.
#pragma once

#include <napi.h>

#include "addon/argument_list.h"
#include "core/float_state.h"

namespace kleio::addon {

class Environment;

class Call : public ArgumentList {
 public:
  Call(napi_env env, napi_callback_info info, StandardFloatState& float_state);

  Environment& environment() const noexcept { return environment_; }
  StandardFloatState& float_state() const noexcept { return float_state_; }
  napi_value self() const noexcept { return self_; }

 private:
  Environment& environment_;
  StandardFloatState& float_state_;
  napi_value self_ = nullptr;
};

// A constructor that Node-API calls for an instance which is empty until it is wrapped.
napi_value construct_empty(napi_env env, napi_callback_info info) noexcept;

// Throws Napi::Error for the exception that is pending, or for the status.
void require_ok(napi_env env, napi_status status);

// Inside a catch block: leaves the exception pending in JavaScript.
void throw_current_exception(napi_env env) noexcept;

template <napi_value (*function)(const Call&)>
napi_value entry(napi_env env, napi_callback_info info) noexcept {
  try {
    StandardFloatState standard;
    return function(Call(env, info, standard));
  } catch (...) {
    throw_current_exception(env);
    return nullptr;
  }
}

}  // namespace kleio::addon
