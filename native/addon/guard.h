// The one door from JavaScript: `entry<function>` is what Node-API calls. It collects the arguments
// and lets no C++ exception cross.
#pragma once

#include <napi.h>

#include <array>
#include <cstddef>

namespace kleio::addon {

class Environment;

class Call {
 public:
  static constexpr std::size_t kMaxArguments = 16;

  Call(napi_env env, napi_callback_info info);

  napi_env env() const noexcept { return env_; }
  Environment& environment() const noexcept { return environment_; }
  napi_value self() const noexcept { return self_; }
  // Undefined where the caller gave fewer.
  napi_value operator[](std::size_t index) const noexcept { return arguments_[index]; }

 private:
  napi_env env_;
  Environment& environment_;
  napi_value self_ = nullptr;
  std::array<napi_value, kMaxArguments> arguments_;
};

// Throws Napi::Error for the exception that is pending, or for the status.
void require_ok(napi_env env, napi_status status);

// Inside a catch block: leaves the exception pending in JavaScript.
void throw_current_exception(napi_env env) noexcept;

template <napi_value (*function)(const Call&)>
napi_value entry(napi_env env, napi_callback_info info) noexcept {
  try {
    return function(Call(env, info));
  } catch (...) {
    throw_current_exception(env);
    return nullptr;
  }
}

}  // namespace kleio::addon
