// `awaitRoom` and `requireRoom` of lib/binding/contract/native-process.ts: how a caller whom the
// full queue refused hears of a place that has become free.
#pragma once

#include "addon/guard.h"

namespace kleio::addon {

napi_value await_room(const Call& call);
napi_value require_room(const Call& call);

}  // namespace kleio::addon
