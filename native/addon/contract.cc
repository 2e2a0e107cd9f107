#include "addon/contract.h"

#include "addon/accelerators.h"
#include "addon/choices.h"
#include "addon/limits.h"
#include "core/dtype.h"
#include "core/unit.h"

namespace kleio::addon {
namespace {

template <typename Enum, std::size_t kCount>
Napi::Object codes_of(Napi::Env env, const Choice<Enum> (&choices)[kCount]) {
  const Napi::Object codes = Napi::Object::New(env);
  for (const Choice<Enum>& choice : choices) {
    codes.Set(choice.name, static_cast<double>(choice.value));
  }
  return codes;
}

Napi::Object dtype_codes_of(Napi::Env env) {
  const Napi::Object codes = Napi::Object::New(env);
  for (int code = 0; code < kDtypeCount; ++code) {
    codes.Set(name_of(static_cast<Dtype>(code)), static_cast<double>(code));
  }
  return codes;
}

Napi::Object search_units_of(Napi::Env env) {
  const Napi::Object units = Napi::Object::New(env);
  for (const UnitTraits& traits : kUnits) {
    const Napi::Object unit = Napi::Object::New(env);
    unit.Set("code", static_cast<double>(traits.unit));
    unit.Set("readsEmbeddings", traits.reads_embeddings);
    unit.Set("byCategories", traits.by_categories);
    units.Set(traits.name, unit);
  }
  return units;
}

}  // namespace

Napi::Object contract_of(Napi::Env env) {
  const Napi::Object contract = Napi::Object::New(env);
  contract.Set("DTYPE_CODES", dtype_codes_of(env));
  contract.Set("SEARCH_UNITS", search_units_of(env));
  contract.Set("TARGET_KINDS", codes_of(env, kTargetKinds));
  contract.Set("LIFELONG_CODES", codes_of(env, kLifelongUnits));
  contract.Set("EMPTY_PLACES_CODES", codes_of(env, kEmptyPlacesChoices));
  contract.Set("DUPLICATES_CODES", codes_of(env, kDuplicatesChoices));
  contract.Set("PEAK_CODES", codes_of(env, kPeaks));
  contract.Set("CANDIDATE_SEARCH_CODES", codes_of(env, kCandidateSearches));
  contract.Set("APPEND_CODES", codes_of(env, kAppendKernels));
  contract.Set("SELECT_WIDTH_CODES", codes_of(env, kSelectWidths));
  contract.Set("SPLIT_CODES", codes_of(env, kSplits));
  contract.Set("SCORER_CODES", codes_of(env, kScorerKinds));
  contract.Set("CO_GSU_CODES", codes_of(env, kCoGsus));
  contract.Set("LISTS_CODES", codes_of(env, kListsChoices));
  const auto number = [&contract](const char* name, auto value) {
    contract.Set(name, static_cast<double>(value));
  };
  number("CPU_DEVICE", kCpu);
  number("MAX_COUNT", kMaxRows);
  number("MAX_DIM", kMaxDim);
  number("MAX_EXTENTS", kMaxExtents);
  number("MAX_KEPT", kMaxKept);
  number("MAX_THREADS", kMaxThreads);
  number("MAX_QUEUE", kMaxQueueCapacity);
  number("MAX_NICENESS", kMaxNiceness);
  number("MAX_COALESCING_MICROSECONDS", kMaxCoalescingMicroseconds);
  number("MAX_MEBIBYTES", kMaxDeviceBytes >> 20);
  number("MAX_ONE_LAUNCH", kMaxOneLaunchTargets);
  number("MAX_CHANNELS", kMaxChannels);
  number("MIN_TIER_WIDTH", kMinTierWidth);
  number("MAX_TIER_WIDTH", kMaxTierWidth);
  return contract;
}

}  // namespace kleio::addon
