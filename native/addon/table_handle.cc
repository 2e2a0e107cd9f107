#include "addon/table_handle.h"

#include <array>
#include <utility>

#include "addon/arguments.h"
#include "addon/choices.h"
#include "addon/completion_channel.h"
#include "addon/devices.h"
#include "addon/environment.h"
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
  return static_cast<double>(table.view().rows);
}
double dim(const Table& table) {
  return static_cast<double>(table.view().dim);
}
double dtype(const Table& table) {
  return static_cast<double>(table.view().dtype);
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

// Reads, checks and indexes a file on the pool: a big one takes a while.
class OpenJob final : public Job {
 public:
  OpenJob(FileRegion values, std::size_t rows, std::size_t dim, Dtype dtype,
          std::optional<FileRegion> ids, Duplicates duplicates, int device,
          std::shared_ptr<ProcessRuntime> runtime)
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
  std::optional<FileRegion> ids_;
  Duplicates duplicates_;
  int device_;
  std::shared_ptr<ProcessRuntime> runtime_;
  DeviceTable held_;
};

}  // namespace

DeviceTable DeviceTable::on(std::shared_ptr<ProcessRuntime> runtime, int device,
                            std::shared_ptr<const Table> table) {
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
      method("close", entry<addon::close>),
  };
  return define_class(env, "NativeTable", members);
}

napi_value TableHandle::make(napi_env env, DeviceTable held) {
  auto runtime = held.runtime;
  return make(env, std::make_shared<Shared<DeviceTable>>(std::move(runtime), std::move(held)));
}

napi_value TableHandle::make(napi_env env, std::shared_ptr<Shared<DeviceTable>> shared) {
  return wrap(Environment::of(env).table_class,
              std::make_unique<TableHandle>(env, std::move(shared)));
}

TableHandle::TableHandle(napi_env env, std::shared_ptr<Shared<DeviceTable>> shared)
    : shared_(std::move(shared)), external_(env) {
  external_.tell(held().resident_bytes());
}

const std::shared_ptr<Shared<DeviceTable>>& TableHandle::shared() const {
  if (!shared_) throw Error(ErrorCode::kClosed, "the table is closed");
  return shared_;
}

void TableHandle::close() noexcept {
  shared_.reset();
  external_.tell(0);
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
  std::optional<FileRegion> ids;
  if (!Napi::Value(env, call[1]).IsUndefined()) {
    ids = region_of(files, object_of(env, call[1], "ids"));
  }
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
