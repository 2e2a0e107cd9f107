#include "addon/table_handle.h"

#include <array>
#include <utility>
#include <vector>

#include "addon/arguments.h"
#include "addon/choices.h"
#include "addon/completion_channel.h"
#include "addon/devices.h"
#include "addon/environment.h"
#include "addon/given_items.h"
#include "addon/handle.h"
#include "addon/limits.h"
#include "addon/share_handle.h"
#include "addon/source_files.h"

namespace kleio::addon {
namespace {

TableHandle& self_of(const Call& call) {
  return unwrap<TableHandle>(call.env(), call.self(), "this");
}

template <auto read>
napi_value property(const Call& call) {
  const Table& table = self_of(call).table();
  return Napi::Value::From(call.env(), read(table));
}

double rows(const Table& table) {
  return static_cast<double>(table.rows());
}
double dim(const Table& table) {
  return static_cast<double>(table.dim());
}
double dtype(const Table& table) {
  return static_cast<double>(table.dtype());
}
double shadowed_rows(const Table& table) {
  return static_cast<double>(table.shadowed_rows());
}
bool has_ids(const Table& table) {
  return table.has_ids();
}
double resident_bytes(const Table& table) {
  return static_cast<double>(table.resident_bytes());
}

napi_value device(const Call& call) {
  return Napi::Number::New(call.env(), self_of(call).held().device);
}

napi_value device_bytes(const Call& call) {
  const auto& residence = self_of(call).held().residence;
  return Napi::Number::New(call.env(), residence ? static_cast<double>(residence->byte_size()) : 0);
}

napi_value rows_of(const Call& call) {
  const Table& table = self_of(call).table();
  const auto ids = elements_of<std::int64_t>(call.env(), call[0], "ids");
  const auto rows = elements_of<std::int32_t>(call.env(), call[1], "rows");
  require_length(rows.size(), ids.size(), "rows", "the number of ids");
  table.rows_of(ids, rows);
  return nullptr;
}

napi_value append(const Call& call) {
  const napi_env env = call.env();
  TableHandle& handle = self_of(call);
  Table& table = handle.growing_table();
  const MatrixView values = embeddings_of(env, call[0], table.dtype(), table.dim(), "values").view;
  const auto ids = optional_elements_of<std::int64_t>(env, call[1], "ids");
  const std::size_t first =
      table.append(values, ids, choice_of(env, call[2], "duplicates", kDuplicatesChoices));
  handle.account();
  return Napi::Number::New(env, static_cast<double>(first));
}

// Fills the second argument with the embeddings of rows or ids.
napi_value read(const Call& call) {
  const napi_env env = call.env();
  const Table& table = self_of(call).table();
  const std::vector<std::int32_t> rows = given_items_of(env, call[0], table, "rows").rows;
  const TypedArray out = require_typed_array(env, call[1], array_type_of(table.dtype()), "out");
  require_length(out.length, rows.size() * table.dim(), "out", "rows times dim");
  table.gather(rows, {out.values, rows.size() * table.row_bytes()});
  return nullptr;
}

napi_value close(const Call& call) {
  self_of(call).close();
  return nullptr;
}

FileRegion region_of(SourceFiles& files, const Napi::Object& object) {
  const napi_env env = object.Env();
  return {files.of(env, object.Get("file")),
          integer_of(env, object.Get("offset"), "offset", 0, kMaxSafeInteger),
          string_of(env, object.Get("name"), "name")};
}

// Of a file, or in memory: copied, for the call outlives this one.
IdSource id_source_of(SourceFiles& files, napi_env env, napi_value given) {
  if (Napi::Value(env, given).IsUndefined()) return {};
  if (!typed_array_of(env, given)) return region_of(files, object_of(env, given, "ids"));
  const auto ids = elements_of<std::int64_t>(env, given, "ids");
  return std::vector<std::int64_t>(ids.begin(), ids.end());
}

// Reads, checks and indexes a file on the pool: a big one takes a while.
class OpenJob final : public Job {
 public:
  OpenJob(FileRegion values, std::size_t rows, std::size_t dim, Dtype dtype, IdSource ids,
          Duplicates duplicates, int device, std::shared_ptr<ProcessRuntime> runtime)
      : values_(std::move(values)),
        rows_(rows),
        dim_(dim),
        dtype_(dtype),
        ids_(std::move(ids)),
        duplicates_(duplicates),
        device_(device),
        runtime_(std::move(runtime)) {}

 private:
  void perform() override {
    held_ = DeviceTable::on(std::move(runtime_), device_,
                            Table::read(values_, rows_, dim_, dtype_, ids_, duplicates_));
  }

  napi_value result(napi_env env) override { return TableHandle::make(env, std::move(held_)); }

  FileRegion values_;
  std::size_t rows_;
  std::size_t dim_;
  Dtype dtype_;
  IdSource ids_;
  Duplicates duplicates_;
  int device_;
  std::shared_ptr<ProcessRuntime> runtime_;
  DeviceTable held_;
};

}  // namespace

DeviceTable DeviceTable::on(std::shared_ptr<ProcessRuntime> runtime, int device,
                            std::shared_ptr<Table> table) {
  const Backend& backend = runtime->accelerators.backend_of(device);
  auto residence = backend.reside(table);
  return {std::move(runtime), device, &backend, std::move(table), std::move(residence)};
}

std::size_t DeviceTable::resident_bytes() const noexcept {
  return table->resident_bytes() + (residence ? residence->byte_size() : 0);
}

Napi::FunctionReference TableHandle::define(napi_env env) {
  const std::array members = {
      getter("rows", entry<property<rows>>),
      getter("dim", entry<property<dim>>),
      getter("dtype", entry<property<dtype>>),
      getter("hasIds", entry<property<has_ids>>),
      getter("shadowedRows", entry<property<shadowed_rows>>),
      getter("residentBytes", entry<property<resident_bytes>>),
      getter("device", entry<device>),
      getter("deviceBytes", entry<device_bytes>),
      method("rowsOf", entry<rows_of>),
      method("share", entry<share<TableHandle>>),
      method("append", entry<append>),
      method("read", entry<read>),
      method("close", entry<addon::close>),
  };
  return define_class(env, "NativeTable", members);
}

napi_value TableHandle::make(napi_env env, DeviceTable held, Access access) {
  auto runtime = held.runtime;
  auto shared = std::make_shared<Shared<DeviceTable>>(std::move(runtime), std::move(held));
  return wrap(Environment::of(env).table_class,
              std::make_unique<TableHandle>(env, std::move(shared), access));
}

napi_value TableHandle::make(napi_env env, std::shared_ptr<Shared<DeviceTable>> shared) {
  return wrap(Environment::of(env).table_class,
              std::make_unique<TableHandle>(env, std::move(shared), Access::kReads));
}

TableHandle::TableHandle(napi_env env, std::shared_ptr<Shared<DeviceTable>> shared, Access access)
    : shared_(std::move(shared)), access_(access), external_(env) {
  account();
}

Table& TableHandle::growing_table() const {
  Table& table = *held().table;
  if (access_ == Access::kAppends) return table;
  throw Error(ErrorCode::kArgument,
              "this EmbeddingTable was made by fromShared and reads only: append where the table "
              "was made");
}

void TableHandle::account() noexcept {
  external_.tell(shared_ ? held().resident_bytes() : 0);
}

const std::shared_ptr<Shared<DeviceTable>>& TableHandle::shared() const {
  if (!shared_) throw Error(ErrorCode::kClosed, "the table is closed");
  return shared_;
}

void TableHandle::close() noexcept {
  shared_.reset();
  account();
}

napi_value table_from(const Call& call) {
  const napi_env env = call.env();
  const Dtype dtype = dtype_of(env, call[1]);
  const std::size_t dim = integer_of(env, call[2], "dim", 1, kMaxDim);
  const MatrixView values = embeddings_of(env, call[0], dtype, dim, "values").view;
  const auto ids = optional_elements_of<std::int64_t>(env, call[3], "ids");
  const Duplicates duplicates = choice_of(env, call[4], "duplicates", kDuplicatesChoices);
  const int device = device_of(env, call[5]);
  return TableHandle::make(env, DeviceTable::on(call.environment().runtime(), device,
                                                Table::copy_of(values, ids, duplicates)));
}

napi_value table_open(const Call& call) {
  const napi_env env = call.env();
  const Napi::Object values = object_of(env, call[0], "values");
  SourceFiles files;
  IdSource ids = id_source_of(files, env, call[1]);
  auto job = std::make_unique<OpenJob>(
      region_of(files, values), integer_of(env, values.Get("rows"), "rows", 0, kMaxRows),
      integer_of(env, values.Get("dim"), "dim", 1, kMaxDim), dtype_of(env, values.Get("dtype")),
      std::move(ids), choice_of(env, call[2], "duplicates", kDuplicatesChoices),
      device_of(env, call[3]), call.environment().runtime());
  const napi_value done = function_of(env, call[4], "done");
  call.environment().channel().submit(std::move(job), done);
  return nullptr;
}

}  // namespace kleio::addon
