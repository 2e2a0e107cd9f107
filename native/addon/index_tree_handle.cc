#include "addon/index_tree_handle.h"

#include <array>
#include <limits>
#include <utility>

#include "addon/choices.h"
#include "addon/completion_channel.h"
#include "addon/environment.h"
#include "addon/handle.h"
#include "addon/index_tree_changes.h"
#include "addon/index_tree_search.h"
#include "addon/limits.h"
#include "addon/share_handle.h"
#include "addon/source_files.h"
#include "addon/table_handle.h"
#include "tree/tree_builder.h"
#include "tree/tree_file.h"

namespace kleio::addon {
namespace {

constexpr std::uint64_t kMaxCount = std::numeric_limits<std::uint32_t>::max();

IndexTreeHandle& self_of(const Call& call) {
  return unwrap<IndexTreeHandle>(call.env(), call.self(), "this");
}

template <double (*read)(const TreeState&)>
napi_value property(const Call& call) {
  return Napi::Number::New(call.env(), read(*self_of(call).state()));
}

double items(const TreeState& tree) {
  return static_cast<double>(tree.items());
}
double nodes(const TreeState& tree) {
  return tree.empty() ? 0 : 2 * static_cast<double>(tree.items()) - 1;
}
double depth(const TreeState& tree) {
  return static_cast<double>(depth_of(tree));
}
double built_inner(const TreeState& tree) {
  return tree.built_inner;
}
double dim(const TreeState& tree) {
  return static_cast<double>(tree.dim());
}
double dtype(const TreeState& tree) {
  return static_cast<double>(tree.dtype());
}
double byte_length(const TreeState& tree) {
  return static_cast<double>(tree.byte_size());
}

napi_value table(const Call& call) {
  const IndexTreeHandle& handle = self_of(call);
  return TableHandle::make(
      call.env(), DeviceTable::on(call.environment().runtime(), kCpu, handle.state()->base),
      handle.reads_only() ? TableHandle::Access::kReads : TableHandle::Access::kAppends);
}

// The number of each item's ancestor on a level, or of its leaf where that lies higher; -1 for
// unknown ids.
napi_value nodes_at(const Call& call) {
  const napi_env env = call.env();
  const std::shared_ptr<const TreeState> state = self_of(call).state();
  const TreeState& tree = *state;
  const auto ids = elements_of<std::int64_t>(env, call[0], "ids");
  const std::size_t level = integer_of(env, call[1], "level", 0, kMaxCount);
  const auto nodes = elements_of<std::int32_t>(env, call[2], "nodes");
  require_length(nodes.size(), ids.size(), "nodes", "the number of ids");
  const NodeNumbers numbers(tree);
  std::vector<std::int32_t> path;
  for (std::size_t i = 0; i < ids.size(); ++i) {
    const std::int32_t item = tree.item_of(ids[i]);
    path.clear();
    for (std::int32_t index = item == kNoItem ? kNoNode : tree.leaf_of_item[item]; index >= 0;
         index = tree.nodes[index].parent) {
      path.push_back(index);
    }
    nodes[i] = static_cast<std::int32_t>(
        path.empty() ? NodeNumber::kNone
                     : numbers.of(path[path.size() - 1 - std::min(level, path.size() - 1)]));
  }
  return nullptr;
}

napi_value close(const Call& call) {
  self_of(call).close();
  return nullptr;
}

class BuildJob final : public Job {
 public:
  BuildJob(const Call& call, std::shared_ptr<Table> table, const SplitOptions& options,
           std::size_t max_threads, std::uint64_t* item_levels)
      : rows_(table->rows()),
        table_(std::move(table)),
        options_(options),
        max_threads_(max_threads),
        item_levels_(item_levels),
        progress_(Napi::Persistent(Napi::Object(call.env(), call[4]))),
        runtime_(*call.environment().runtime()) {}

 private:
  void perform() override {
    state_ = build_tree(std::move(table_), rows_, options_,
                        {runtime_.pool, cancellation(), max_threads_}, item_levels_);
  }
  napi_value result(napi_env env) override { return IndexTreeHandle::make(env, std::move(state_)); }

  std::size_t rows_;  // as of the call
  std::shared_ptr<Table> table_;
  SplitOptions options_;
  std::size_t max_threads_;
  std::uint64_t* item_levels_;
  Napi::ObjectReference progress_;
  ProcessRuntime& runtime_;  // the environment holds it until its jobs are over
  std::shared_ptr<const TreeState> state_;
};

class OpenJob final : public Job {
 public:
  explicit OpenJob(TreeFile file) : file_(std::move(file)) {}

 private:
  void perform() override { state_ = open_tree(file_); }
  napi_value result(napi_env env) override { return IndexTreeHandle::make(env, std::move(state_)); }

  TreeFile file_;
  std::shared_ptr<const TreeState> state_;
};

TreeFile tree_file_of(const Napi::Object& given) {
  const napi_env env = given.Env();
  const auto integer = [&](const char* name, std::uint64_t most) {
    return integer_of(env, given.Get(name), name, 0, most);
  };
  TreeFile file;
  file.file = SourceFiles().of(env, given.Get("file"));
  file.dtype = dtype_of(env, given.Get("dtype"));
  file.dim = integer_of(env, given.Get("dim"), "dim", 1, kMaxDim);
  file.items = integer("items", kMaxRows / 2);
  file.nodes = integer("nodes", kMaxRows);
  file.inner = integer("inner", kMaxRows);
  file.remembered = integer("remembered", kMaxRows);
  file.ids = integer("ids", kMaxSafeInteger);
  file.embeddings = integer("embeddings", kMaxSafeInteger);
  file.node_item = integer("nodeItem", kMaxSafeInteger);
  file.node_scale = integer("nodeScale", kMaxSafeInteger);
  file.node_feature = integer("nodeFeature", kMaxSafeInteger);
  file.node_embeddings = integer("nodeEmbeddings", kMaxSafeInteger);
  file.built_means = integer("builtMeans", kMaxSafeInteger);
  file.split = choice_of(env, given.Get("split"), "split", kSplits);
  file.seed = integer("seed", kMaxSafeInteger);
  file.built_inner = static_cast<std::uint32_t>(integer("builtInner", kMaxRows));
  file.inserted = integer("inserted", kMaxSafeInteger);
  file.removed = integer("removed", kMaxSafeInteger);
  return file;
}

}  // namespace

Napi::FunctionReference IndexTreeHandle::define(napi_env env) {
  const std::array members = {
      getter("items", entry<property<items>>),
      getter("nodes", entry<property<nodes>>),
      getter("depth", entry<property<depth>>),
      getter("builtInner", entry<property<built_inner>>),
      getter("dim", entry<property<dim>>),
      getter("dtype", entry<property<dtype>>),
      getter("byteLength", entry<property<byte_length>>),
      method("table", entry<addon::table>),
      method("nodesAt", entry<nodes_at>),
      method("search", entry<index_tree_search>),
      method("insert", entry<index_tree_insert>),
      method("remove", entry<index_tree_remove>),
      method("save", entry<index_tree_save>),
      method("quality", entry<index_tree_quality>),
      method("share", entry<share<IndexTreeHandle>>),
      method("close", entry<addon::close>),
  };
  return define_class(env, "NativeTree", members);
}

napi_value IndexTreeHandle::make(napi_env env, std::shared_ptr<const TreeState> state) {
  const Environment& environment = Environment::of(env);
  auto shared = std::make_shared<Shared<PresentTree>>(environment.runtime(), std::move(state));
  return wrap(
      environment.index_tree_class,
      std::make_unique<IndexTreeHandle>(env, std::move(shared), std::make_shared<TreeWriter>()));
}

napi_value IndexTreeHandle::make(napi_env env, std::shared_ptr<Shared<PresentTree>> shared) {
  return wrap(Environment::of(env).index_tree_class,
              std::make_unique<IndexTreeHandle>(env, std::move(shared), nullptr));
}

IndexTreeHandle::IndexTreeHandle(napi_env env, std::shared_ptr<Shared<PresentTree>> shared,
                                 std::shared_ptr<TreeWriter> writer)
    : shared_(std::move(shared)), writer_(std::move(writer)), external_(env) {
  account();
}

const std::shared_ptr<Shared<PresentTree>>& IndexTreeHandle::shared() const {
  if (!shared_) throw Error(ErrorCode::kClosed, "the tree is closed");
  return shared_;
}

const std::shared_ptr<TreeWriter>& IndexTreeHandle::writer() const {
  if (!writer_) {
    throw Error(ErrorCode::kArgument,
                "this IndexTree was made by fromShared and reads only: insert and remove where the "
                "tree was built or opened, and every thread sees the change");
  }
  return writer_;
}

void IndexTreeHandle::close() noexcept {
  shared_.reset();
  writer_.reset();
  account();
}

void IndexTreeHandle::account() noexcept {
  const auto state = shared_ ? shared_->content.state() : nullptr;
  external_.tell(state ? state->byte_size() + state->added_bytes() : 0);
}

napi_value index_tree_build(const Call& call) {
  const napi_env env = call.env();
  const auto& table = unwrap<TableHandle>(env, call[0], "table").held().table;
  if (table->rows() > kMaxRows / 2) {
    throw Error(ErrorCode::kRange, "a tree holds at most " + std::to_string(kMaxRows / 2) +
                                       " items; the table has " + std::to_string(table->rows()));
  }
  SplitOptions options;
  options.seed = integer_of(env, call[1], "seed", 0, kMaxSafeInteger);
  options.split = choice_of(env, call[2], "split", kSplits);
  const std::size_t max_threads = threads_of(env, call[3]);
  // Written while JavaScript runs: only memory that cannot be taken away will do.
  const TypedArray progress = require_typed_array(env, call[4], napi_bigint64_array, "progress");
  if (!progress.shared() || progress.length != 1) {
    throw Error(ErrorCode::kArgument, "progress must be one element of a SharedArrayBuffer");
  }
  auto job = std::make_unique<BuildJob>(call, table, options, max_threads,
                                        reinterpret_cast<std::uint64_t*>(progress.values));
  const napi_value done = function_of(env, call[5], "done");
  const std::uint64_t number = call.environment().channel().submit(std::move(job), done);
  return Napi::Number::New(env, static_cast<double>(number));
}

napi_value index_tree_open(const Call& call) {
  const napi_env env = call.env();
  auto job = std::make_unique<OpenJob>(tree_file_of(object_of(env, call[0], "file")));
  call.environment().channel().submit(std::move(job), function_of(env, call[1], "done"));
  return nullptr;
}

}  // namespace kleio::addon
