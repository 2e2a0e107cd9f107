// The arguments of one question to the addon: those of a call, or one element of a call's array.
#pragma once

#include <napi.h>

#include <array>
#include <cstddef>
#include <cstdint>

namespace kleio::addon {

class ArgumentList {
 public:
  static constexpr std::size_t kMaxArguments = 20;

  // The elements of a JavaScript array from index `first` on. Throws kArgument if `array` is none,
  // or too long.
  static ArgumentList of_array(napi_env env, napi_value array, std::uint32_t first,
                               const char* name);

  napi_env env() const noexcept { return env_; }
  // Undefined where the caller gave fewer.
  napi_value operator[](std::size_t index) const noexcept { return arguments_[index]; }

 protected:
  explicit ArgumentList(napi_env env) noexcept : env_(env) {}

  napi_env env_;
  std::array<napi_value, kMaxArguments> arguments_;
};

}  // namespace kleio::addon
