// `NativeFileBinding` of lib/binding/contract/native-file.ts.
#pragma once

#include <napi.h>

#include "addon/guard.h"

namespace kleio::addon {

napi_value write_file(const Call& call);

}  // namespace kleio::addon
