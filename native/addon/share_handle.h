// `share` of a handle and `fromShared` of its kind: one object, handles of it on several threads.
//
// A noun has `kClass` (its class in lib), `Content` (what its handles share), `shared()` (which
// throws kClosed) and `make`, of what is shared.
#pragma once

#include <napi.h>

#include <memory>
#include <utility>

#include "addon/arguments.h"
#include "addon/environment.h"
#include "addon/handle.h"
#include "addon/shared_objects.h"

namespace kleio::addon {

template <typename Noun>
napi_value share(const Call& call) {
  const Noun& handle = unwrap<Noun>(call.env(), call.self(), "this");
  SharedObjects& objects = call.environment().runtime()->shared;
  return Napi::String::New(call.env(), objects.token_of(Noun::kClass, handle.shared()));
}

template <typename Noun>
napi_value from_shared(const Call& call) {
  const std::string token = string_of(call.env(), call[0], "token");
  SharedObjects& objects = call.environment().runtime()->shared;
  return Noun::make(call.env(), std::static_pointer_cast<Shared<typename Noun::Content>>(
                                    objects.find(Noun::kClass, token)));
}

}  // namespace kleio::addon
