#include "addon/index_tree_changes.h"

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "addon/arguments.h"
#include "addon/completion_channel.h"
#include "addon/environment.h"
#include "addon/handle.h"
#include "addon/index_tree_handle.h"
#include "tree/tree_file.h"
#include "tree/tree_quality.h"

namespace kleio::addon {
namespace {

IndexTreeHandle& self_of(const Call& call) {
  return unwrap<IndexTreeHandle>(call.env(), call.self(), "this");
}

// A new state of the tree from the one there is.
class ChangeJob : public Job {
 protected:
  explicit ChangeJob(const Call& call)
      : handle_(self_of(call)),
        held_(Napi::Persistent(Napi::Object(call.env(), call.self()))),
        shared_(handle_.shared()),
        before_(handle_.state()),
        writer_(handle_.writer()),
        runtime_(*call.environment().runtime()) {}

  const TreeState& before() const noexcept { return *before_; }
  TreeWriter& writer() const noexcept { return *writer_; }
  CallContext context() const noexcept { return {runtime_.pool}; }
  void publish(std::shared_ptr<const TreeState> after) noexcept { after_ = std::move(after); }

 private:
  napi_value result(napi_env env) override {
    const double changed = static_cast<double>(after_->inserted - before_->inserted) +
                           static_cast<double>(after_->removed - before_->removed);
    before_.reset();
    // Where the handle was closed meanwhile, those of other threads see the change; or nobody.
    if (const auto tree = shared_.lock()) tree->content.replace(std::move(after_));
    handle_.account();
    return Napi::Number::New(env, changed);
  }

  IndexTreeHandle& handle_;
  Napi::ObjectReference held_;  // keeps the handle
  std::weak_ptr<Shared<PresentTree>> shared_;
  std::shared_ptr<const TreeState> before_, after_;
  std::shared_ptr<TreeWriter> writer_;
  ProcessRuntime& runtime_;  // the environment holds it until its jobs are over
};

std::vector<std::int64_t> ids_of(const Call& call) {
  const auto ids = elements_of<std::int64_t>(call.env(), call[0], "ids");
  return {ids.begin(), ids.end()};
}

class InsertJob final : public ChangeJob {
 public:
  explicit InsertJob(const Call& call) : ChangeJob(call), ids_(ids_of(call)) {
    const RowsView& rows = before().base->view();
    view_ = embeddings_of(call.env(), call[1], rows.dtype, rows.dim, "values").view;
    require_length(view_.rows, ids_.size(), "values", "one row for each id");
    values_.assign(view_.values, view_.values + view_.byte_size());
    view_.values = values_.data();
  }

 private:
  void perform() override { publish(writer().insert(before(), ids_, view_, context())); }

  std::vector<std::int64_t> ids_;
  std::vector<std::byte> values_;
  MatrixView view_;
};

class RemoveJob final : public ChangeJob {
 public:
  explicit RemoveJob(const Call& call) : ChangeJob(call), ids_(ids_of(call)) {}

 private:
  void perform() override { publish(writer().remove(before(), ids_, context())); }

  std::vector<std::int64_t> ids_;
};

// The path is resolved in the call, so it is that of the folders and links there were then.
class SaveJob final : public Job {
 public:
  explicit SaveJob(const Call& call)
      : state_(self_of(call).state()), file_(string_of(call.env(), call[0], "path")) {}

 private:
  void perform() override { save_tree(*state_, file_); }
  napi_value result(napi_env env) override { return Napi::Env(env).Undefined(); }

  std::shared_ptr<const TreeState> state_;
  NewFile file_;
};

class QualityJob final : public Job {
 public:
  explicit QualityJob(const Call& call)
      : state_(self_of(call).state()), runtime_(*call.environment().runtime()) {}

 private:
  void perform() override { quality_ = tree_quality(*state_, {runtime_.pool, cancellation()}); }

  napi_value result(napi_env env) override {
    const Napi::Object quality = Napi::Object::New(env);
    const auto set = [](const Napi::Object& object, const char* name, auto value) {
      object.Set(name, static_cast<double>(value));
    };
    set(quality, "items", quality_.items);
    set(quality, "meanDepth", quality_.mean_depth);
    set(quality, "balance", quality_.balance);
    set(quality, "sampled", quality_.sampled);
    set(quality, "moved", quality_.moved);
    set(quality, "inserted", state_->inserted);
    set(quality, "removed", state_->removed);
    const Napi::Array levels = Napi::Array::New(env, quality_.levels.size());
    for (std::uint32_t l = 0; l < quality_.levels.size(); ++l) {
      const LevelQuality& of_level = quality_.levels[l];
      const Napi::Object level = Napi::Object::New(env);
      set(level, "level", l);
      set(level, "nodes", of_level.nodes);
      set(level, "leaves", of_level.leaves);
      set(level, "smallest", of_level.smallest);
      set(level, "largest", of_level.largest);
      set(level, "similarity", of_level.similarity);
      levels.Set(l, level);
    }
    quality.Set("levels", levels);
    return quality;
  }

  std::shared_ptr<const TreeState> state_;
  ProcessRuntime& runtime_;
  TreeQuality quality_;
};

// The argument at `done` is what hears of the end.
template <typename Submitted>
napi_value submit(const Call& call, std::size_t done) {
  const napi_value heard = function_of(call.env(), call[done], "done");
  const std::uint64_t number =
      call.environment().channel().submit(std::make_unique<Submitted>(call), heard);
  return Napi::Number::New(call.env(), static_cast<double>(number));
}

}  // namespace

napi_value index_tree_insert(const Call& call) {
  return submit<InsertJob>(call, 2);
}

napi_value index_tree_remove(const Call& call) {
  return submit<RemoveJob>(call, 1);
}

napi_value index_tree_save(const Call& call) {
  return submit<SaveJob>(call, 1);
}

napi_value index_tree_quality(const Call& call) {
  return submit<QualityJob>(call, 0);
}

}  // namespace kleio::addon
