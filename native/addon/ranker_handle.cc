#include "addon/ranker_handle.h"

#include <array>
#include <utility>

#include "addon/arguments.h"
#include "addon/completion_channel.h"
#include "addon/devices.h"
#include "addon/environment.h"
#include "addon/handle.h"
#include "addon/history_build.h"
#include "addon/history_handle.h"
#include "addon/rank_call.h"
#include "addon/read_ranker_weights.h"
#include "addon/share_handle.h"
#include "addon/table_handle.h"
#include "core/ranker_model_builder.h"

namespace kleio::addon {
namespace {

RankerHandle& self_of(const Call& call) {
  return unwrap<RankerHandle>(call.env(), call.self(), "this");
}

template <std::size_t (*read)(const RankerModel&)>
napi_value property(const Call& call) {
  const RankerModel& model = *self_of(call).ready()->model;
  return Napi::Number::New(call.env(), static_cast<double>(read(model)));
}

std::size_t keep_top(const RankerModel& model) {
  return model.keep_top;
}
std::size_t user_features(const RankerModel& model) {
  return model.user.size();
}
std::size_t interest_width(const RankerModel& model) {
  return model.lifelong_tier_weights.size() + model.lifelong_width();
}
std::size_t tower_width(const RankerModel& model) {
  return model.tower_width();
}
std::size_t similarity_dim(const RankerModel& model) {
  return model.similarity_table->dim();
}
std::size_t similarity_dtype(const RankerModel& model) {
  return static_cast<std::size_t>(model.similarity_table->dtype());
}

napi_value device(const Call& call) {
  return Napi::Number::New(call.env(), self_of(call).ready()->device);
}

napi_value defaults(const Call& call) {
  return Napi::String::New(call.env(), self_of(call).ready()->defaults);
}

// From the first argument: capacity.
History history_over_model(const Call& call) {
  const ReadyModel& ready = *self_of(call).ready();
  return {ready.model, *ready.backend, {.capacity = capacity_of(call.env(), call[0])}};
}

napi_value create_ranker_history(const Call& call) {
  return HistoryHandle::make(call.env(), history_over_model(call));
}

napi_value build_ranker_history(const Call& call) {
  return build_history(call, history_over_model(call), 1);
}

napi_value table(const Call& call) {
  const ReadyModel& ready = *self_of(call).ready();
  return TableHandle::make(
      call.env(), DeviceTable::on(ready.runtime, ready.device, ready.model->similarity_table),
      self_of(call).access());
}

napi_value rank_with(const Call& call) {
  return rank(call, self_of(call).ready());
}

napi_value rank_many_with(const Call& call) {
  return rank_many(call, self_of(call).ready());
}

napi_value rank_sync_with(const Call& call) {
  return rank_sync(call, *self_of(call).ready());
}

napi_value close(const Call& call) {
  self_of(call).close();
  return nullptr;
}

// Checks a model and packs its layers on the pool: a big one takes a while.
class OpenJob final : public Job {
 public:
  OpenJob(RankerWeights weights, int device, std::string defaults,
          std::shared_ptr<ProcessRuntime> runtime)
      : weights_(std::move(weights)), ready_(std::make_shared<ReadyModel>(std::move(runtime))) {
    ready_->device = device;
    ready_->defaults = std::move(defaults);
  }

 private:
  void perform() override {
    ready_->model = build_ranker_model(std::move(weights_));
    ready_->backend = &ready_->runtime->accelerators.backend_of(ready_->device);
    ready_->session = ready_->backend->make_ranker(ready_->model);
  }

  napi_value result(napi_env env) override {
    auto runtime = ready_->runtime;
    return RankerHandle::make(
        env, std::make_shared<Shared<RankerHandle::Content>>(std::move(runtime), std::move(ready_)),
        TableHandle::Access::kAppends);
  }

  RankerWeights weights_;
  std::shared_ptr<ReadyModel> ready_;
};

}  // namespace

ReadyModel::ReadyModel(std::shared_ptr<ProcessRuntime> joined)
    : runtime(std::move(joined)),
      rankings(runtime->coalescing_window, runtime->coalesced,
               [this](std::span<const HistoryRanking> asked, Cancellation cancellation) {
                 kleio::rank_many(*session, asked, {runtime->pool, cancellation});
               }) {}

Napi::FunctionReference RankerHandle::define(napi_env env) {
  const std::array members = {
      getter("keepTop", entry<property<keep_top>>),
      getter("userFeatures", entry<property<user_features>>),
      getter("interestWidth", entry<property<interest_width>>),
      getter("towerWidth", entry<property<tower_width>>),
      getter("dim", entry<property<similarity_dim>>),
      getter("dtype", entry<property<similarity_dtype>>),
      getter("device", entry<device>),
      getter("defaults", entry<defaults>),
      method("table", entry<addon::table>),
      method("createHistory", entry<create_ranker_history>),
      method("buildHistory", entry<build_ranker_history>),
      method("rank", entry<rank_with>),
      method("rankMany", entry<rank_many_with>),
      method("rankSync", entry<rank_sync_with>),
      method("share", entry<share<RankerHandle>>),
      method("close", entry<addon::close>),
  };
  return define_class(env, "NativeRanker", members);
}

napi_value RankerHandle::make(napi_env env, std::shared_ptr<Shared<Content>> shared,
                              TableHandle::Access access) {
  return wrap(Environment::of(env).ranker_class,
              std::make_unique<RankerHandle>(env, std::move(shared), access));
}

const std::shared_ptr<Shared<RankerHandle::Content>>& RankerHandle::shared() const {
  if (!shared_) throw Error(ErrorCode::kClosed, "the ranker is closed");
  return shared_;
}

napi_value ranker_open(const Call& call) {
  const napi_env env = call.env();
  auto job =
      std::make_unique<OpenJob>(ranker_weights_of(env, call[0]), device_of(env, call[1]),
                                string_of(env, call[2], "defaults"), call.environment().runtime());
  call.environment().channel().submit(std::move(job), function_of(env, call[3], "done"));
  return nullptr;
}

}  // namespace kleio::addon
