// `measurePeak` of lib/binding/contract/native-devices.ts: a device's own rates, measured while the
// caller waits.
#pragma once

#include "addon/guard.h"

namespace kleio::addon {

napi_value measure_peak_rate(const Call& call);

}  // namespace kleio::addon
