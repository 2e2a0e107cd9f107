#include "addon/index_tree_scorer.h"

#include <array>
#include <limits>
#include <utility>

#include "addon/choices.h"
#include "addon/completion_channel.h"
#include "addon/environment.h"
#include "addon/handle.h"
#include "addon/limits.h"
#include "addon/share_handle.h"
#include "addon/weight_tensor.h"
#include "tree/miss_scorer.h"
#include "tree/scorer_model_builder.h"
#include "tree/two_tower.h"

namespace kleio::addon {
namespace {

TreeScorerHandle& self_of(const Call& call) {
  return unwrap<TreeScorerHandle>(call.env(), call.self(), "this");
}

template <std::size_t (*read)(const ScorerModel&)>
napi_value property(const Call& call) {
  return Napi::Number::New(call.env(), static_cast<double>(read(*self_of(call).ready()->model)));
}

std::size_t user_width(const ScorerModel& model) {
  return model.user_width;
}
std::size_t keep_top(const ScorerModel& model) {
  return model.keep_top;
}
std::size_t inner_nodes(const ScorerModel& model) {
  return model.inner_nodes();
}
std::size_t reads_history(const ScorerModel& model) {
  return model.kind == ScorerKind::kMiss ? 1 : 0;
}

napi_value close(const Call& call) {
  self_of(call).close();
  return nullptr;
}

// The tensors of a scorer, one after the other.
class WeightsReader {
 public:
  explicit WeightsReader(const Napi::Object& weights) : weights_(weights), env_(weights.Env()) {}

  ScorerWeights read() {
    ScorerWeights read;
    read.kind = choice_of(env_, weights_.Get("kind"), "kind", kScorerKinds);
    read.co_gsu = choice_of(env_, weights_.Get("coGsu"), "coGsu", kCoGsus);
    read.union_list = boolean_of(env_, weights_.Get("unionList"), "unionList");
    read.semantic = boolean_of(env_, weights_.Get("semantic"), "semantic");
    read.keep_top = integer("keepTop", kMaxKept);
    read.short_steps = integer("shortSteps", kMaxKept);
    read.user_width = integer("userWidth", kMaxKept);
    read.tier_width = static_cast<float>(number_of(env_, weights_.Get("tierWidth"), "tierWidth"));
    read.duplicates = choice_of(env_, weights_.Get("duplicates"), "duplicates", kDuplicatesChoices);
    read.item_ids = tensor(member(weights_, "itemIds"), napi_bigint64_array, sizeof(std::int64_t));
    read.item_embeddings = floats(weights_, "itemEmbeddings");
    read.node_embeddings = floats(weights_, "nodeEmbeddings");
    if (read.kind == ScorerKind::kTwoTower) return read;
    if (read.co_gsu == CoGsu::kProjected) {
      read.co_query = floats(weights_, "coQuery");
      read.co_key = floats(weights_, "coKey");
    }
    for_each(weights_, "lists",
             [&](const Napi::Object& list) { read.lists.push_back(list_of(list)); });
    for_each(weights_, "mlp", [&](const Napi::Object& layer) {
      read.mlp.push_back({floats(layer, "weight"), floats(layer, "bias")});
    });
    if (read.semantic) {
      read.temperatures = floats(weights_, "temperatures");
      read.gains = floats(weights_, "gains");
      read.tier_weights = floats(weights_, "tierWeights");
    }
    return read;
  }

 private:
  std::uint64_t integer(const char* name, std::uint64_t most) {
    return integer_of(env_, weights_.Get(name), name, 0, most);
  }

  template <typename Visit>
  void for_each(const Napi::Object& object, const char* name, Visit visit) {
    const Napi::Object list = member(object, name);
    const auto length = static_cast<std::uint32_t>(
        integer_of(env_, list.Get("length"), name, 0, std::numeric_limits<std::uint16_t>::max()));
    for (std::uint32_t i = 0; i < length; ++i) visit(object_of(env_, list.Get(i), name));
  }

  ScorerListWeights list_of(const Napi::Object& list) {
    ScorerListWeights read;
    for_each(list, "heads", [&](const Napi::Object& head) {
      read.heads.push_back({floats(head, "query"), floats(head, "key"), floats(head, "value")});
    });
    read.output = floats(list, "output");
    return read;
  }

  WeightTensor tensor(const Napi::Object& object, napi_typedarray_type type,
                      std::size_t element_bytes) {
    return weight_tensor_of(object, files_, type, element_bytes);
  }
  WeightTensor floats(const Napi::Object& object, const char* name) {
    return tensor(member(object, name), napi_float32_array, sizeof(float));
  }

  const Napi::Object& weights_;
  napi_env env_;
  SourceFiles files_;
};

// Checks a model and packs its layers on the pool: a big one takes a while.
class OpenJob final : public Job {
 public:
  OpenJob(ScorerWeights weights, std::shared_ptr<ProcessRuntime> runtime)
      : weights_(std::move(weights)), ready_(std::make_shared<ReadyScorer>()) {
    ready_->runtime = std::move(runtime);
  }

 private:
  void perform() override {
    ready_->model = build_scorer_model(std::move(weights_));
    ready_->scorer = ready_->model->kind == ScorerKind::kTwoTower
                         ? make_two_tower_scorer(ready_->model)
                         : make_miss_scorer(ready_->model, ready_->runtime->isa.floats);
  }

  napi_value result(napi_env env) override {
    auto runtime = ready_->runtime;
    return TreeScorerHandle::make(env, std::make_shared<Shared<TreeScorerHandle::Content>>(
                                           std::move(runtime), std::move(ready_)));
  }

  ScorerWeights weights_;
  std::shared_ptr<ReadyScorer> ready_;
};

}  // namespace

Napi::FunctionReference TreeScorerHandle::define(napi_env env) {
  const std::array members = {
      getter("userWidth", entry<property<user_width>>),
      getter("keepTop", entry<property<keep_top>>),
      getter("innerNodes", entry<property<inner_nodes>>),
      getter("readsHistory", entry<property<reads_history>>),
      method("share", entry<share<TreeScorerHandle>>),
      method("close", entry<addon::close>),
  };
  return define_class(env, "NativeTreeScorer", members);
}

napi_value TreeScorerHandle::make(napi_env env, std::shared_ptr<Shared<Content>> shared) {
  return wrap(Environment::of(env).tree_scorer_class,
              std::make_unique<TreeScorerHandle>(env, std::move(shared)));
}

const std::shared_ptr<Shared<TreeScorerHandle::Content>>& TreeScorerHandle::shared() const {
  if (!shared_) throw Error(ErrorCode::kClosed, "the scorer is closed");
  return shared_;
}

napi_value tree_scorer_open(const Call& call) {
  const napi_env env = call.env();
  const Napi::Object weights = object_of(env, call[0], "weights");
  auto job = std::make_unique<OpenJob>(WeightsReader(weights).read(), call.environment().runtime());
  call.environment().channel().submit(std::move(job), function_of(env, call[1], "done"));
  return nullptr;
}

}  // namespace kleio::addon
