// `rank`, `rankSync` and `rankMany` of a native ranker: `NativeRanking` of
// lib/binding/contract/native-ranker.ts, then the arrays to fill.
#pragma once

#include <memory>

#include "addon/guard.h"
#include "addon/ranker_handle.h"

namespace kleio::addon {

napi_value rank_sync(const Call& call, const ReadyModel& ready);
// Returns the job's number.
napi_value rank(const Call& call, std::shared_ptr<const ReadyModel> ready);
// An array of such calls as one job.
napi_value rank_many(const Call& call, std::shared_ptr<const ReadyModel> ready);

}  // namespace kleio::addon
