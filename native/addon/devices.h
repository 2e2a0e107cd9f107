// The devices of this process, for `NativeBinding` of lib/binding/contract/native-binding.ts.
#pragma once

#include <napi.h>

#include "addon/guard.h"

namespace kleio::addon {

// A device as the contract numbers it: kCpu, or the index of an accelerator.
int device_of(napi_env env, napi_value value);

// The binding's function.
napi_value describe_accelerators(const Call& call);

}  // namespace kleio::addon
