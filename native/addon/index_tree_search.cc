#include "addon/index_tree_search.h"

#include <algorithm>
#include <cmath>
#include <cstring>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "addon/choices.h"
#include "addon/completion_channel.h"
#include "addon/environment.h"
#include "addon/handle.h"
#include "addon/history_handle.h"
#include "addon/index_tree_handle.h"
#include "addon/index_tree_scorer.h"
#include "tree/beam_search.h"
#include "tree/two_tower.h"

namespace kleio::addon {
namespace {

// The arguments, in order.
enum Argument : std::size_t {
  kHistory,
  kScorer,
  kUser,
  kLists,
  kBeam,
  kCount,
  kStartLevel,
  kAllow,
  kBlock,
  kKeepLevels,
  kThreads,
  kDone,
};
static_assert(kDone < Call::kMaxArguments);

// A search as it was asked: copied, checked, and holding what it reads.
struct TreeSearch {
  std::shared_ptr<const TreeState> tree;
  std::shared_ptr<const ReadyScorer> ready;  // nullptr: the means themselves
  std::shared_ptr<const HistorySnapshot> history;
  std::vector<float> user;
  Lists lists = Lists::kBoth;
  BeamOptions beam;
  std::optional<std::vector<std::int32_t>> allowed;
  std::vector<std::int32_t> blocked;
  std::size_t max_threads = 0;
};

bool is_given(const Call& call, Argument argument) {
  return !Napi::Value(call.env(), call[argument]).IsUndefined();
}

std::vector<std::int32_t> items_of(const Call& call, Argument argument, const TreeState& tree,
                                   const char* name) {
  const auto ids = elements_of<std::int64_t>(call.env(), call[argument], name);
  std::vector<std::int32_t> items(ids.size());
  std::ranges::transform(ids, items.begin(), [&](std::int64_t id) { return tree.item_of(id); });
  return items;
}

std::vector<float> user_of(const Call& call, std::size_t width) {
  const auto given = elements_of<float>(call.env(), call[kUser], "user");
  std::vector<float> user(given.begin(), given.end());
  require_length(user.size(), width, "user", "what the scorer reads");
  for (std::size_t i = 0; i < user.size(); ++i) {
    if (std::isfinite(user[i])) continue;
    throw Error(ErrorCode::kNotFinite,
                "user must be finite; index " + std::to_string(i) + " is " + number_text(user[i]));
  }
  return user;
}

// The scorer was trained for this tree, and the history is of embeddings that can be compared.
void require_fit(const TreeSearch& search) {
  const ScorerModel& model = *search.ready->model;
  if (model.inner_nodes() != search.tree->built_inner) {
    throw Error(ErrorCode::kShape,
                "the scorer has embeddings of " + std::to_string(model.inner_nodes()) +
                    " inner nodes, the tree was built with " +
                    std::to_string(search.tree->built_inner) + ": it belongs to another tree");
  }
  if (model.kind != ScorerKind::kMiss) return;
  const RowsView& behaviours = search.history->table->view();
  const RowsView& items = search.tree->base->view();
  if (behaviours.dim == items.dim && behaviours.dtype == items.dtype) return;
  throw Error(behaviours.dim == items.dim ? ErrorCode::kDtype : ErrorCode::kShape,
              "the history has embeddings of " + std::to_string(behaviours.dim) + " " +
                  name_of(behaviours.dtype) + ", the tree of " + std::to_string(items.dim) + " " +
                  name_of(items.dtype));
}

TreeSearch search_of(const Call& call) {
  const napi_env env = call.env();
  TreeSearch search;
  search.tree = unwrap<IndexTreeHandle>(env, call.self(), "this").state();
  if (is_given(call, kScorer)) {
    search.ready = unwrap<TreeScorerHandle>(env, call[kScorer], "scorer").ready();
  }
  if (is_given(call, kHistory)) {
    search.history = unwrap<HistoryHandle>(env, call[kHistory], "history").history().snapshot();
  }
  if (search.ready && search.ready->model->kind == ScorerKind::kMiss && !search.history) {
    throw Error(ErrorCode::kArgument, "history is missing; this scorer reads it");
  }
  if (search.ready) require_fit(search);
  search.user = user_of(call, search.ready ? search.ready->model->user_width : search.tree->dim());
  search.lists = choice_of(env, call[kLists], "lists", kListsChoices);
  search.beam.beam = integer_of(env, call[kBeam], "beam", 1, kMaxRows);
  search.beam.count = integer_of(env, call[kCount], "n", 1, kMaxRows);
  const double start = number_of(env, call[kStartLevel], "startLevel");
  search.beam.start_level = start == -1 ? -1
                                        : static_cast<std::int64_t>(integer_of(
                                              env, call[kStartLevel], "startLevel", 0, kMaxRows));
  search.beam.keep_levels = boolean_of(env, call[kKeepLevels], "beams");
  if (is_given(call, kAllow)) search.allowed = items_of(call, kAllow, *search.tree, "allow");
  if (is_given(call, kBlock)) search.blocked = items_of(call, kBlock, *search.tree, "block");
  search.max_threads = threads_of(env, call[kThreads]);
  return search;
}

template <typename Array, typename Element>
Array array_of(napi_env env, const std::vector<Element>& elements) {
  Array array = Array::New(env, elements.size());
  if (!elements.empty()) {
    std::memcpy(array.Data(), elements.data(), elements.size() * sizeof(Element));
  }
  return array;
}

class TreeSearchJob final : public Job {
 public:
  TreeSearchJob(const Call& call, TreeSearch search)
      : search_(std::move(search)), runtime_(*call.environment().runtime()) {}

 private:
  void perform() override {
    const CallContext context = {runtime_.pool, cancellation(), search_.max_threads};
    const ScoreRequest request{.tree = *search_.tree,
                               .history = search_.history,
                               .user = search_.user,
                               .lists = search_.lists,
                               .context = context};
    const std::unique_ptr<NodeScorer> means = search_.ready ? nullptr : make_mean_scorer();
    const NodeScorer& scorer = search_.ready ? *search_.ready->scorer : *means;
    const NodeFilter filter(*search_.tree, search_.allowed, search_.blocked);
    const std::unique_ptr<LevelScorer> level_scorer = scorer.begin(request);
    retrieved_ = beam_search(*search_.tree, filter, search_.beam, *level_scorer, cancellation());
    times_ = level_scorer->times();
    for (const std::int32_t item : retrieved_.items) ids_.push_back(search_.tree->id_of(item));
  }

  napi_value result(napi_env env) override {
    const Napi::Object result = Napi::Object::New(env);
    result.Set("items", array_of<Napi::BigInt64Array>(env, ids_));
    result.Set("logits", array_of<Napi::Float32Array>(env, retrieved_.logits));
    result.Set("scored", static_cast<double>(retrieved_.scored));
    if (times_) {
      const std::vector<double> times = {times_->prepare_us, times_->collaborative_us,
                                         times_->multimodal_us, times_->attend_us};
      result.Set("times", array_of<Napi::Float64Array>(env, times));
    }
    const Napi::Array levels = Napi::Array::New(env, retrieved_.levels.size());
    for (std::uint32_t l = 0; l < retrieved_.levels.size(); ++l) {
      const BeamLevel& beam = retrieved_.levels[l];
      const Napi::Object level = Napi::Object::New(env);
      level.Set("level", static_cast<double>(beam.level));
      level.Set("nodes", array_of<Napi::Int32Array>(env, beam.nodes));
      level.Set("logits", array_of<Napi::Float32Array>(env, beam.logits));
      levels.Set(l, level);
    }
    result.Set("levels", levels);
    return result;
  }

  TreeSearch search_;
  ProcessRuntime& runtime_;  // the environment holds it until its jobs are over
  Retrieved retrieved_;
  std::optional<StageTimes> times_;
  std::vector<std::int64_t> ids_;
};

}  // namespace

napi_value index_tree_search(const Call& call) {
  const napi_env env = call.env();
  const napi_value done = function_of(env, call[kDone], "done");
  auto job = std::make_unique<TreeSearchJob>(call, search_of(call));
  const std::uint64_t number = call.environment().channel().submit(std::move(job), done);
  return Napi::Number::New(env, static_cast<double>(number));
}

}  // namespace kleio::addon
