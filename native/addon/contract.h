// `contract` of the binding: the numbers that lib and native code both spell, by the names of lib's
// constants. A test compares them in both directions.
#pragma once

#include <napi.h>

namespace kleio::addon {

Napi::Object contract_of(Napi::Env env);

}  // namespace kleio::addon
