#include "addon/rank_call.h"

#include <array>
#include <atomic>
#include <limits>
#include <utility>
#include <vector>

#include "addon/arguments.h"
#include "addon/completion_channel.h"
#include "addon/environment.h"
#include "addon/handle.h"
#include "addon/history.h"

namespace kleio::addon {
namespace {

// Places of the arguments.
enum Place : std::size_t {
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
  kProbabilities,
  kPositions,
  kScores,
  kInterests,
  kTowerInputs,
  kDone,
};
static_assert(kDone < Call::kMaxArguments);

struct RankCall {
  RankRequest request;  // copied
  RankingView ranking;  // the caller's arrays
};

std::vector<std::int64_t> ids_of(const Call& call, Place place, const char* name) {
  const auto ids = elements_of<std::int64_t>(call.env(), call[place], name);
  return {ids.begin(), ids.end()};
}

RankRequest request_of(const Call& call, const RankerModel& model) {
  const napi_env env = call.env();
  RankRequest request;
  request.user = ids_of(call, kUser, "user");
  require_length(request.user.size(), model.user.size(), "user", "the number of user features");
  request.items = ids_of(call, kItems, "candidates.items");
  const std::size_t count = request.items.size();
  const auto one_each = [&](Place place, const char* name) {
    std::vector<std::int64_t> ids = ids_of(call, place, name);
    require_length(ids.size(), count, name, "the number of items");
    return ids;
  };
  request.categories = one_each(kCategories, "candidates.categories");
  request.cities = one_each(kCities, "candidates.cities");
  request.provinces = one_each(kProvinces, "candidates.provinces");
  constexpr std::uint64_t kMaxThreads = std::numeric_limits<std::uint32_t>::max();
  request.k = static_cast<std::uint32_t>(integer_of(env, call[kK], "k", 1, kMaxRows));
  request.unit = static_cast<LifelongUnit>(integer_of(env, call[kUnit], "lifelong", 0, 3));
  request.empty_places =
      static_cast<EmptyPlaces>(integer_of(env, call[kEmptyPlaces], "emptyPlaces", 0, 1));
  request.max_threads =
      static_cast<std::uint32_t>(integer_of(env, call[kThreads], "threads", 0, kMaxThreads));
  return request;
}

std::span<float> optional_floats(const Call& call, Place place, std::uint64_t length,
                                 const char* name) {
  if (Napi::Value(call.env(), call[place]).IsUndefined()) return {};
  const auto floats = elements_of<float>(call.env(), call[place], name);
  require_length(floats.size(), length, name, "the number of candidates times its width");
  return floats;
}

RankingView ranking_of(const Call& call, const RankRequest& request, const RankerModel& model) {
  const std::uint64_t count = request.items.size();
  RankingView ranking;
  ranking.probabilities = elements_of<float>(call.env(), call[kProbabilities], "probabilities");
  require_length(ranking.probabilities.size(), count, "probabilities", "the number of candidates");
  ranking.kept = {elements_of<std::int32_t>(call.env(), call[kPositions], "positions"),
                  elements_of<float>(call.env(), call[kScores], "scores")};
  require_length(ranking.kept.positions.size(), count * request.k, "positions", "count * k");
  require_length(ranking.kept.scores.size(), count * request.k, "scores", "count * k");
  ranking.interests = optional_floats(
      call, kInterests, count * (model.lifelong_tier_weights.size() + model.lifelong_width()),
      "interests");
  ranking.tower_inputs =
      optional_floats(call, kTowerInputs, count * model.tower_width(), "towerInputs");
  return ranking;
}

HistoryHandle& history_of(const Call& call, const RankerModel& model) {
  HistoryHandle& handle = unwrap<HistoryHandle>(call.env(), call[kHistory], "history");
  if (handle.history().model() == &model) return handle;
  throw Error(ErrorCode::kArgument,
              "history must be made by the history method of the ranker that ranks with it");
}

RankCall rank_call_of(const Call& call, const RankerModel& model, const History& history) {
  RankCall rank;
  rank.request = request_of(call, model);
  if (rank.request.unit == LifelongUnit::kSimHard && history.length() > 0 &&
      !history.has_categories()) {
    throw Error(ErrorCode::kArgument,
                "lifelong: 'sim-hard' needs the behaviours' categories; append them");
  }
  rank.ranking = ranking_of(call, rank.request, model);
  return rank;
}

// A ranking on the pool: over a snapshot, with copied ids, into arrays that nobody else sees.
class RankJob final : public Job {
 public:
  RankJob(const Call& call, RankCall rank, std::shared_ptr<const HistorySnapshot> history,
          std::shared_ptr<const ReadyModel> ready)
      : rank_(std::move(rank)), history_(std::move(history)), ready_(std::move(ready)) {
    for (const Place place : {kProbabilities, kPositions, kScores, kInterests, kTowerInputs}) {
      const Napi::Value array(call.env(), call[place]);
      if (array.IsObject()) arrays_.push_back(Napi::Persistent(array.As<Napi::Object>()));
    }
  }

 private:
  void perform() override {
    ready_->session->rank(*history_, rank_.request, ready_->runtime->pool, cancelled(),
                          rank_.ranking);
  }

  napi_value result(napi_env env) override { return Napi::Env(env).Undefined(); }

  RankCall rank_;
  std::shared_ptr<const HistorySnapshot> history_;
  std::shared_ptr<const ReadyModel> ready_;
  std::vector<Napi::ObjectReference> arrays_;
};

}  // namespace

napi_value rank_sync(const Call& call, const ReadyModel& ready) {
  static constexpr std::atomic<bool> kNeverCancelled{false};
  History& history = history_of(call, *ready.model).history();
  const RankCall rank = rank_call_of(call, *ready.model, history);
  ready.session->rank(*history.snapshot(), rank.request, ready.runtime->pool, kNeverCancelled,
                      rank.ranking);
  return nullptr;
}

napi_value rank(const Call& call, std::shared_ptr<const ReadyModel> ready) {
  const napi_env env = call.env();
  const napi_value done = function_of(env, call[kDone], "done");
  History& history = history_of(call, *ready->model).history();
  RankCall rank = rank_call_of(call, *ready->model, history);
  auto job = std::make_unique<RankJob>(call, std::move(rank), history.snapshot(), std::move(ready));
  const std::uint64_t number = call.environment().channel().submit(std::move(job), done);
  return Napi::Number::New(env, static_cast<double>(number));
}

}  // namespace kleio::addon
