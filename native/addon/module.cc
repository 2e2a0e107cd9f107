// The binding's exports: `NativeBinding` of lib/binding/contract/native-binding.ts.
#include <napi.h>

#include <array>

#include "addon/await_room.h"
#include "addon/choices.h"
#include "addon/contract.h"
#include "addon/devices.h"
#include "addon/environment.h"
#include "addon/exact_search_unit.h"
#include "addon/extendable_search.h"
#include "addon/handle.h"
#include "addon/history_bytes_handle.h"
#include "addon/history_handle.h"
#include "addon/index_tree_handle.h"
#include "addon/index_tree_scorer.h"
#include "addon/limits.h"
#include "addon/measure_peak.h"
#include "addon/ranker_handle.h"
#include "addon/search_many.h"
#include "addon/share_handle.h"
#include "addon/table_handle.h"
#include "addon/top_k.h"
#include "addon/write_file.h"
#include "core/block_memory.h"

namespace kleio::addon {
namespace {

// What the compiler itself says: a build that was meant to be instrumented, and is not, shows.
#if defined(__SANITIZE_ADDRESS__)
#define KLEIO_SANITIZER " -fsanitize=address"
#elif defined(__SANITIZE_THREAD__)
#define KLEIO_SANITIZER " -fsanitize=thread"
#else
#define KLEIO_SANITIZER ""
#endif
#ifdef __clang__
constexpr const char* kCompiler = __VERSION__ ", " KLEIO_BUILD KLEIO_SANITIZER;
#else
constexpr const char* kCompiler = "gcc " __VERSION__ ", " KLEIO_BUILD KLEIO_SANITIZER;
#endif

napi_value initialise(const Call& call) {
  const napi_env env = call.env();
  const Napi::Object options = object_of(env, call[0], "options");
  const napi_value make_error = function_of(env, options.Get("makeError"), "makeError");
  call.environment().initialise(
      Napi::Function(env, make_error),
      {.isa = string_of(env, options.Get("isa"), "isa"),
       .threads = integer_of(env, options.Get("threads"), "threads", 0, kMaxThreads),
       .queue_capacity =
           integer_of(env, options.Get("queueCapacity"), "queueCapacity", 0, kMaxQueueCapacity),
       .niceness =
           static_cast<int>(integer_of(env, options.Get("niceness"), "niceness", 0, kMaxNiceness)),
       .coalescing_window = std::chrono::microseconds(
           integer_of(env, options.Get("coalescingMicroseconds"), "coalescingMicroseconds", 0,
                      kMaxCoalescingMicroseconds)),
       .accelerator = {
           .history_budget_bytes = integer_of(env, options.Get("deviceHistoryBytes"),
                                              "deviceHistoryBytes", 0, kMaxDeviceBytes),
           .graphs = boolean_of(env, options.Get("deviceGraphs"), "deviceGraphs"),
           .search =
               choice_of(env, options.Get("deviceSearch"), "deviceSearch", kCandidateSearches),
           .append = choice_of(env, options.Get("deviceAppend"), "deviceAppend", kAppendKernels),
           .one_launch_targets = static_cast<std::uint32_t>(
               integer_of(env, options.Get("deviceOneLaunchTargets"), "deviceOneLaunchTargets", 0,
                          kMaxOneLaunchTargets)),
           .select_width =
               choice_of(env, options.Get("deviceSelect"), "deviceSelect", kSelectWidths)}});
  return nullptr;
}

Napi::Object counters_object(napi_env env, const ProcessRuntime& runtime) {
  const SearchCounters& counters = runtime.cpu->counters();
  const Napi::Object object = Napi::Object::New(env);
  object.Set("searches", static_cast<double>(counters.searches));
  object.Set("targets", static_cast<double>(counters.targets));
  object.Set("canonicalCompactions", static_cast<double>(counters.canonical_compactions));
  object.Set("fullCanonicalScans", static_cast<double>(counters.full_canonical_scans));
  object.Set("coalesced", static_cast<double>(runtime.coalesced));
  return object;
}

Napi::Array names_of(napi_env env, const std::vector<const Isa*>& isas) {
  const Napi::Array names = Napi::Array::New(env, isas.size());
  for (std::uint32_t i = 0; i < isas.size(); ++i) names.Set(i, isas[i]->name);
  return names;
}

napi_value describe(const Call& call) {
  const napi_env env = call.env();
  const ProcessRuntime& runtime = *call.environment().runtime();
  const Napi::Object description = Napi::Object::New(env);
  description.Set("version", KLEIO_VERSION);
  description.Set("isa", runtime.isa.name);
  description.Set("supportedIsas", names_of(env, supported_isas()));
  description.Set("threads", static_cast<double>(runtime.pool.threads()));
  description.Set("queueCapacity", static_cast<double>(runtime.pool.queue_capacity()));
  description.Set("compiler", kCompiler);
  description.Set("blockBytes", static_cast<double>(blocks_in_use()));
  description.Set("counters", counters_object(env, runtime));
  return description;
}

napi_value has_standard_float_state(const Call& call) {
  return Napi::Boolean::New(call.env(), call.float_state().before().is_standard());
}

napi_value set_standard_float_state(const Call& call) {
  call.float_state().stay();
  return nullptr;
}

napi_value cancel(const Call& call) {
  call.environment().channel().cancel(integer_of(call.env(), call[0], "job", 0, kMaxSafeInteger));
  return nullptr;
}

Napi::Object open(Napi::Env env, Napi::Object exports) {
  Environment::attach(env);
  Environment& environment = Environment::of(env);
  environment.table_class = TableHandle::define(env);
  environment.history_class = HistoryHandle::define(env);
  environment.extendable_search_class = ExtendableSearchHandle::define(env);
  environment.history_bytes_class = HistoryBytesHandle::define(env);
  environment.history_reading_class = HistoryReadingHandle::define(env);
  environment.ranker_class = RankerHandle::define(env);
  environment.index_tree_class = IndexTreeHandle::define(env);
  environment.tree_scorer_class = TreeScorerHandle::define(env);
  const std::array functions = {
      method("initialise", entry<initialise>),
      method("describe", entry<describe>),
      method("describeAccelerators", entry<describe_accelerators>),
      method("tableFrom", entry<table_from>),
      method("tableOpen", entry<table_open>),
      method("createHistory", entry<create_history>),
      method("buildHistory", entry<build_table_history>),
      method("beginHistoryReading", entry<begin_history_reading>),
      method("searchMany", entry<search_many>),
      method("tableFromShared", entry<from_shared<TableHandle>>),
      method("rankerFromShared", entry<from_shared<RankerHandle>>),
      method("treeFromShared", entry<from_shared<IndexTreeHandle>>),
      method("treeScorerFromShared", entry<from_shared<TreeScorerHandle>>),
      method("rankerOpen", entry<ranker_open>),
      method("treeBuild", entry<index_tree_build>),
      method("treeOpen", entry<index_tree_open>),
      method("treeScorerOpen", entry<tree_scorer_open>),
      method("simTier", entry<sim_tier>),
      method("semanticTargetAttention", entry<semantic_target_attention>),
      method("cancel", entry<cancel>),
      method("awaitRoom", entry<await_room>),
      method("requireRoom", entry<require_room>),
      method("hasStandardFloatState", entry<has_standard_float_state>),
      method("setStandardFloatState", entry<set_standard_float_state>),
      method("topK", entry<top_k>),
      method("writeFile", entry<write_file>),
      method("measurePeak", entry<measure_peak_rate>),
  };
  exports.Set("isas", names_of(env, held_isas()));
  require_ok(env, napi_define_properties(env, exports, functions.size(), functions.data()));
  exports.Set("contract", contract_of(env));
  return exports;
}

}  // namespace
}  // namespace kleio::addon

static Napi::Object initialise_module(Napi::Env env, Napi::Object exports) {
  return kleio::addon::open(env, exports);
}

NODE_API_MODULE(kleio, initialise_module)
