#include "addon/rank_call.h"

#include <utility>
#include <vector>

#include "addon/choices.h"
#include "addon/completion_channel.h"
#include "addon/environment.h"
#include "addon/field_arrays.h"
#include "addon/handle.h"
#include "addon/history_handle.h"
#include "addon/limits.h"
#include "addon/search_request.h"

namespace kleio::addon {
namespace {

// The arguments, in order.
enum Argument : std::size_t {
  kHistory,
  kUser,
  kItems,
  kCategories,
  kCities,
  kProvinces,
  kK,
  kUnit,
  kEmptyPlaces,
  kThreads,
  kSince,
  kUntil,
  kExclude,
  kProbabilities,
  kPositions,
  kScores,
  kInterests,
  kTowerInputs,
  kFields,
  kDone,
};
static_assert(kDone < Call::kMaxArguments);

std::vector<std::int64_t> ids_of(const ArgumentList& call, Argument argument, const char* name) {
  const auto ids = elements_of<std::int64_t>(call.env(), call[argument], name);
  return {ids.begin(), ids.end()};
}

RankRequest request_of(const ArgumentList& call, const RankerModel& model, const History& history) {
  const napi_env env = call.env();
  RankRequest request;
  request.user = ids_of(call, kUser, "user");
  require_length(request.user.size(), model.user.size(), "user", "the number of user features");
  request.items = ids_of(call, kItems, "candidates.items");
  const std::size_t count = request.items.size();
  const auto one_each = [&](Argument argument, const char* name) {
    std::vector<std::int64_t> ids = ids_of(call, argument, name);
    require_length(ids.size(), count, name, "the number of items");
    return ids;
  };
  request.categories = one_each(kCategories, "candidates.categories");
  request.cities = one_each(kCities, "candidates.cities");
  request.provinces = one_each(kProvinces, "candidates.provinces");
  request.k = static_cast<std::uint32_t>(integer_of(env, call[kK], "k", 1, kMaxKept));
  request.unit = choice_of(env, call[kUnit], "lifelong", kLifelongUnits);
  request.empty_places = choice_of(env, call[kEmptyPlaces], "emptyPlaces", kEmptyPlacesChoices);
  read_eligible(env, call[kSince], call[kUntil], call[kExclude], history, request.eligible);
  request.similarity_rows = model.similarity_table->rows();
  return request;
}

std::span<float> optional_floats(const ArgumentList& call, Argument argument, std::uint64_t length,
                                 const char* name) {
  if (Napi::Value(call.env(), call[argument]).IsUndefined()) return {};
  const auto floats = elements_of<float>(call.env(), call[argument], name);
  require_length(floats.size(), length, name, "the number of candidates times its width");
  return floats;
}

RankingView ranking_of(const ArgumentList& call, const RankRequest& request,
                       const RankerModel& model) {
  const std::uint64_t count = request.items.size();
  RankingView ranking;
  ranking.probabilities = elements_of<float>(call.env(), call[kProbabilities], "probabilities");
  require_length(ranking.probabilities.size(), count, "probabilities", "the number of candidates");
  ranking.kept = kept_of(call.env(), call[kPositions], call[kScores], count, request.k);
  ranking.interests = optional_floats(
      call, kInterests, count * (model.lifelong_tier_weights.size() + model.lifelong_width()),
      "interests");
  ranking.tower_inputs =
      optional_floats(call, kTowerInputs, count * model.tower_width(), "towerInputs");
  return ranking;
}

HistoryHandle& history_of(const ArgumentList& call, const RankerModel& model) {
  HistoryHandle& handle = unwrap<HistoryHandle>(call.env(), call[kHistory], "history");
  if (handle.history().model() == &model) return handle;
  throw Error(ErrorCode::kArgument,
              "history must be made by the ranker that ranks with it: by its history or "
              "buildHistory, or by fromBytes or onto of it");
}

// A question over the history as it is now, with copied ids; its answer goes into the caller's
// arrays.
HistoryRanking ranking_for(const ArgumentList& call, const RankerModel& model) {
  History& history = history_of(call, model).history();
  RankRequest request = request_of(call, model, history);
  if (request.unit == LifelongUnit::kCategory && history.length() > 0 &&
      !history.has_categories()) {
    throw Error(ErrorCode::kArgument,
                "lifelong: 'category' needs the behaviours' categories; append them");
  }
  RankingView ranking = ranking_of(call, request, model);
  ranking.fields = fields_of(call.env(), call[kFields], ranking.kept.positions().size(), history);
  return {.history = history.snapshot(),
          .request = std::move(request),
          .ranking = ranking,
          .max_threads = threads_of(call.env(), call[kThreads])};
}

// A ranking on the pool, into arrays that nobody else sees.
class RankJob final : public CoalescedJob<HistoryRanking> {
 public:
  RankJob(const Call& call, HistoryRanking ranking, std::shared_ptr<const ReadyModel> ready)
      : CoalescedJob(std::move(ranking), ready->rankings), ready_(std::move(ready)) {
    for (const Argument argument :
         {kProbabilities, kPositions, kScores, kInterests, kTowerInputs, kFields}) {
      const Napi::Value array(call.env(), call[argument]);
      if (array.IsObject()) arrays_.push_back(Napi::Persistent(array.As<Napi::Object>()));
    }
  }

 private:
  std::shared_ptr<const ReadyModel> ready_;
  std::vector<Napi::ObjectReference> arrays_;
};

class RankManyJob final : public Job {
 public:
  RankManyJob(const Call& call, std::vector<HistoryRanking> rankings,
              std::shared_ptr<const ReadyModel> ready)
      : rankings_(std::move(rankings)),
        ready_(std::move(ready)),
        arrays_(Napi::Persistent(Napi::Object(call.env(), call[0]))) {}

 private:
  void perform() override {
    kleio::rank_many(*ready_->session, rankings_, {ready_->runtime->pool, cancellation()});
  }

  napi_value result(napi_env env) override { return Napi::Env(env).Undefined(); }

  std::vector<HistoryRanking> rankings_;
  std::shared_ptr<const ReadyModel> ready_;
  Napi::ObjectReference arrays_;  // the call's array, which holds the arrays to fill
};

napi_value submit(const Call& call, std::unique_ptr<Job> job, napi_value done) {
  const std::uint64_t number = call.environment().channel().submit(std::move(job), done);
  return Napi::Number::New(call.env(), static_cast<double>(number));
}

}  // namespace

napi_value rank_sync(const Call& call, const ReadyModel& ready) {
  const HistoryRanking ranking = ranking_for(call, *ready.model);
  const CallContext context = {.pool = ready.runtime->pool, .max_threads = ranking.max_threads};
  ready.session->rank(*ranking.history, ranking.request, context, ranking.ranking);
  read_kept_fields(*ranking.history, ranking.ranking.kept, ranking.ranking.fields, context);
  return nullptr;
}

napi_value rank(const Call& call, std::shared_ptr<const ReadyModel> ready) {
  const napi_value done = function_of(call.env(), call[kDone], "done");
  HistoryRanking ranking = ranking_for(call, *ready->model);
  return submit(call, std::make_unique<RankJob>(call, std::move(ranking), std::move(ready)), done);
}

napi_value rank_many(const Call& call, std::shared_ptr<const ReadyModel> ready) {
  const napi_env env = call.env();
  const napi_value done = function_of(env, call[1], "done");
  std::vector<HistoryRanking> rankings(length_of_array(env, call[0], "rankings"));
  for (std::uint32_t i = 0; i < rankings.size(); ++i) {
    const Napi::HandleScope scope(env);
    napi_value element = nullptr;
    require_ok(env, napi_get_element(env, call[0], i, &element));
    rankings[i] = ranking_for(ArgumentList::of_array(env, element, 0, "ranking"), *ready->model);
  }
  return submit(call, std::make_unique<RankManyJob>(call, std::move(rankings), std::move(ready)),
                done);
}

}  // namespace kleio::addon
