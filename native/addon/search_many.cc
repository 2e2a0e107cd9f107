#include "addon/search_many.h"

#include <memory>
#include <utility>
#include <vector>

#include "addon/arguments.h"
#include "addon/completion_channel.h"
#include "addon/environment.h"
#include "addon/handle.h"
#include "addon/history_handle.h"
#include "addon/search_request.h"

namespace kleio::addon {
namespace {

// An element of the call's array: the history, then what its `search` takes.
HistorySearch search_of(napi_env env, napi_value element) {
  napi_value history = nullptr;
  const ArgumentList arguments = ArgumentList::of_array(env, element, 1, "search");
  require_ok(env, napi_get_element(env, element, 0, &history));
  HistoryHandle& handle = unwrap<HistoryHandle>(env, history, "history");
  SearchRequest request = search_request_of(arguments, handle.history());
  return {.history = handle.history().snapshot(),
          .targets = std::move(request.targets),
          .options = std::move(request.options),
          .kept = request.kept,
          .fields = request.fields,
          .max_threads = request.max_threads};
}

class SearchManyJob final : public Job {
 public:
  SearchManyJob(const Call& call, std::vector<HistorySearch> searches)
      : searches_(std::move(searches)),
        runtime_(*call.environment().runtime()),
        arrays_(Napi::Persistent(Napi::Object(call.env(), call[0]))) {}

 private:
  void perform() override { kleio::search_many(searches_, {runtime_.pool, cancellation()}); }

  napi_value result(napi_env env) override { return Napi::Env(env).Undefined(); }

  std::vector<HistorySearch> searches_;
  ProcessRuntime& runtime_;       // the environment holds it until its jobs are over
  Napi::ObjectReference arrays_;  // the call's array, which holds the arrays to fill
};

}  // namespace

napi_value search_many(const Call& call) {
  const napi_env env = call.env();
  const napi_value done = function_of(env, call[1], "done");
  std::vector<HistorySearch> searches(length_of_array(env, call[0], "searches"));
  for (std::uint32_t i = 0; i < searches.size(); ++i) {
    const Napi::HandleScope scope(env);
    napi_value element = nullptr;
    require_ok(env, napi_get_element(env, call[0], i, &element));
    searches[i] = search_of(env, element);
  }
  auto job = std::make_unique<SearchManyJob>(call, std::move(searches));
  const std::uint64_t number = call.environment().channel().submit(std::move(job), done);
  return Napi::Number::New(env, static_cast<double>(number));
}

}  // namespace kleio::addon
