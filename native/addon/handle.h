// A native noun behind a JavaScript object. The object carries the noun's type tag, so that a
// foreign `this`, or any other object given in its place, is an error and never a crash.
//
// A noun has `kTag` (a random number of its own) and `kName` (for error texts).
#pragma once

#include <napi.h>

#include <memory>
#include <span>
#include <string>

#include "addon/guard.h"
#include "core/error.h"

namespace kleio::addon {

inline napi_property_descriptor method(const char* name, napi_callback callback) {
  return {name, nullptr, callback, nullptr, nullptr, nullptr, napi_default_method, nullptr};
}

inline napi_property_descriptor getter(const char* name, napi_callback callback) {
  return {name, nullptr, nullptr, callback, nullptr, nullptr, napi_enumerable, nullptr};
}

// A class whose instances are empty until `wrap` fills them.
inline Napi::FunctionReference define_class(napi_env env, const char* name,
                                            std::span<const napi_property_descriptor> members) {
  napi_value defined = nullptr;
  require_ok(env, napi_define_class(env, name, NAPI_AUTO_LENGTH, construct_empty, nullptr,
                                    members.size(), members.data(), &defined));
  return Napi::Persistent(Napi::Function(env, defined));
}

template <typename Noun>
napi_value wrap(const Napi::FunctionReference& javascript_class, std::unique_ptr<Noun> noun) {
  const Napi::Object object = javascript_class.New({});
  const napi_env env = object.Env();
  const auto finalise = [](napi_env, void* held, void*) { delete static_cast<Noun*>(held); };
  require_ok(env, napi_wrap(env, object, noun.get(), finalise, nullptr, nullptr));
  noun.release();
  require_ok(env, napi_type_tag_object(env, object, &Noun::kTag));
  return object;
}

template <typename Noun>
Noun& unwrap(napi_env env, napi_value object, const char* argument) {
  bool tagged = false;
  void* noun = nullptr;
  if (napi_check_object_type_tag(env, object, &Noun::kTag, &tagged) != napi_ok || !tagged ||
      napi_unwrap(env, object, &noun) != napi_ok) {
    throw Error(ErrorCode::kArgument, std::string(argument) + " must be a " + Noun::kName);
  }
  return *static_cast<Noun*>(noun);
}

}  // namespace kleio::addon
