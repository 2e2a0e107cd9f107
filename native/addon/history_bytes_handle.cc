#include "addon/history_bytes_handle.h"

#include <algorithm>
#include <array>
#include <cstring>
#include <optional>
#include <span>
#include <utility>

#include "addon/arguments.h"
#include "addon/completion_channel.h"
#include "addon/environment.h"
#include "addon/handle.h"
#include "addon/history_build.h"
#include "addon/history_handle.h"
#include "addon/limits.h"

namespace kleio::addon {
namespace {

napi_value submit(const Call& call, std::unique_ptr<Job> job, std::size_t done) {
  const napi_env env = call.env();
  const std::uint64_t number =
      call.environment().channel().submit(std::move(job), function_of(env, call[done], "done"));
  return Napi::Number::New(env, static_cast<double>(number));
}

// Where an empty history is.
HistoryGround ground_of(napi_env env, napi_value value) {
  const History& empty = unwrap<HistoryHandle>(env, value, "ground").history();
  return {empty.present().table, empty.shared_model(), empty.present().backend};
}

// The history as it is when the call is made. A snapshot is dropped on the thread of its history,
// so the writer is too.
class Measure {
 public:
  Measure(HistoryHandle& handle, BytesForm form)
      : snapshot_(handle.history().snapshot()),
        model_(handle.history().shared_model()),
        capacity_(handle.history().capacity()),
        form_(form) {}

  std::unique_ptr<const HistoryBytesWriter> measured(const CallContext& context) {
    return std::make_unique<const HistoryBytesWriter>(snapshot_, model_, capacity_, form_, context);
  }

 private:
  std::shared_ptr<const HistorySnapshot> snapshot_;
  std::shared_ptr<const RankerModel> model_;
  std::size_t capacity_;
  BytesForm form_;
};

class MeasureJob final : public Job {
 public:
  MeasureJob(const Call& call, Measure measure)
      : runtime_(*call.environment().runtime()), measure_(std::move(measure)) {}

 private:
  void perform() override { writer_ = measure_.measured({runtime_.pool, cancellation()}); }
  napi_value result(napi_env env) override {
    return wrap(Environment::of(env).history_bytes_class,
                std::make_unique<HistoryBytesHandle>(std::move(writer_)));
  }

  ProcessRuntime& runtime_;  // the environment holds it until its jobs are over
  Measure measure_;
  std::unique_ptr<const HistoryBytesWriter> writer_;
};

class WriteJob final : public Job {
 public:
  WriteJob(const Call& call, std::unique_ptr<const HistoryBytesWriter> writer,
           std::span<std::byte> out)
      : runtime_(*call.environment().runtime()),
        writer_(std::move(writer)),
        out_(out),
        array_(Napi::Persistent(Napi::Object(call.env(), call[0]))) {}

 private:
  void perform() override { writer_->write(out_, {runtime_.pool, cancellation()}); }
  napi_value result(napi_env env) override { return Napi::Env(env).Undefined(); }

  ProcessRuntime& runtime_;
  std::unique_ptr<const HistoryBytesWriter> writer_;
  std::span<std::byte> out_;
  Napi::ObjectReference array_;  // keeps what is filled
};

class LinkJob final : public Job {
 public:
  explicit LinkJob(std::shared_ptr<HistoryToRead> to_read) : to_read_(std::move(to_read)) {}

 private:
  void perform() override { to_read_->reading.link({to_read_->runtime->pool, cancellation()}); }
  napi_value result(napi_env env) override { return Napi::Env(env).Undefined(); }

  std::shared_ptr<HistoryToRead> to_read_;
};

class ReadJob final : public Job {
 public:
  ReadJob(std::shared_ptr<HistoryToRead> to_read, std::optional<std::size_t> capacity)
      : to_read_(std::move(to_read)), capacity_(capacity) {}

 private:
  void perform() override {
    history_ = to_read_->reading.read(capacity_, {to_read_->runtime->pool, cancellation()});
  }
  napi_value result(napi_env env) override {
    return HistoryHandle::make(env, std::move(*history_));
  }

  std::shared_ptr<HistoryToRead> to_read_;
  std::optional<std::size_t> capacity_;
  std::optional<History> history_;
};

class OntoJob final : public Job {
 public:
  OntoJob(const Call& call, Measure measure, HistoryGround ground)
      : runtime_(*call.environment().runtime()),
        measure_(std::move(measure)),
        ground_(std::move(ground)) {}

 private:
  void perform() override {
    const CallContext context = {runtime_.pool, cancellation()};
    writer_ = measure_.measured(context);
    LargeBuffer plain(writer_->byte_size());
    writer_->write({plain.data(), plain.size()}, context);
    history_ = history_onto(ground_, {plain.data(), plain.size()}, context);
  }
  napi_value result(napi_env env) override {
    return HistoryHandle::make(env, std::move(*history_));
  }

  ProcessRuntime& runtime_;
  Measure measure_;
  HistoryGround ground_;
  std::unique_ptr<const HistoryBytesWriter> writer_;
  std::optional<History> history_;
};

std::span<std::byte> bytes_of(napi_env env, napi_value value) {
  const std::span<std::uint8_t> bytes = elements_of<std::uint8_t>(env, value, "bytes");
  if (reinterpret_cast<std::uintptr_t>(bytes.data()) % alignof(std::int64_t) != 0) {
    throw Error(ErrorCode::kArgument, "bytes must lie at a multiple of 8");
  }
  return {reinterpret_cast<std::byte*>(bytes.data()), bytes.size()};
}

napi_value byte_length(const Call& call) {
  const auto& handle = unwrap<HistoryBytesHandle>(call.env(), call.self(), "this");
  return Napi::Number::New(call.env(), static_cast<double>(handle.writer().byte_size()));
}

napi_value write(const Call& call) {
  const napi_env env = call.env();
  auto& handle = unwrap<HistoryBytesHandle>(env, call.self(), "this");
  const std::span<std::byte> out = bytes_of(env, call[0]);
  require_length(out.size(), handle.writer().byte_size(), "bytes", "byteLength");
  return submit(call, std::make_unique<WriteJob>(call, handle.take(), out), 1);
}

HistoryReadingHandle& reading_of(const Call& call) {
  return unwrap<HistoryReadingHandle>(call.env(), call.self(), "this");
}

napi_value take(const Call& call) {
  const napi_env env = call.env();
  const auto bytes = elements_of<std::uint8_t>(env, call[0], "bytes");
  return Napi::Boolean::New(env, reading_of(call).take(std::as_bytes(bytes)));
}

napi_value can_link(const Call& call) {
  return Napi::Boolean::New(call.env(), reading_of(call).can_link());
}

napi_value link(const Call& call) {
  std::shared_ptr<HistoryToRead> to_read = reading_of(call).to_read();
  if (!to_read->reading.can_link()) {
    throw Error(ErrorCode::kInternal, "a reading that has nothing to link");
  }
  return submit(call, std::make_unique<LinkJob>(std::move(to_read)), 0);
}

napi_value read(const Call& call) {
  const napi_env env = call.env();
  std::optional<std::size_t> capacity;
  if (!Napi::Value(env, call[0]).IsUndefined()) capacity = capacity_of(env, call[0]);
  std::shared_ptr<HistoryToRead> to_read = reading_of(call).to_read();
  if (!to_read->reading.is_whole()) {
    throw Error(ErrorCode::kInternal, "a reading of which not everything has been taken");
  }
  return submit(call, std::make_unique<ReadJob>(std::move(to_read), capacity), 1);
}

napi_value close_reading(const Call& call) {
  reading_of(call).close();
  return nullptr;
}

}  // namespace

Napi::FunctionReference HistoryReadingHandle::define(napi_env env) {
  const std::array members = {
      method("take", entry<addon::take>),    getter("canLink", entry<addon::can_link>),
      method("link", entry<addon::link>),    method("read", entry<addon::read>),
      method("close", entry<close_reading>),
  };
  return define_class(env, "NativeHistoryReading", members);
}

HistoryReadingHandle::HistoryReadingHandle(napi_env env, std::shared_ptr<ProcessRuntime> runtime,
                                           HistoryGround ground, std::size_t byte_length)
    : external_(env) {
  ReadingMemoryPool::Lease memory = runtime->reading_memory.lend();
  const std::span<std::byte> own = memory->require(byte_length);
  to_read_ = std::make_shared<HistoryToRead>(HistoryToRead{
      std::move(runtime), std::move(memory), byte_length, HistoryReading(std::move(ground), own)});
  external_.tell(byte_length);
}

bool HistoryReadingHandle::take(std::span<const std::byte> bytes) {
  const std::shared_ptr<HistoryToRead> own = to_read();
  if (bytes.size() < own->byte_length) {
    throw Error(ErrorCode::kArgument,
                "bytes lost their memory while they were read; the buffer was transferred or "
                "shrunk");
  }
  return own->reading.take(bytes.first(own->byte_length));
}

// Where others wait, whoever comes twice waits twice.
bool HistoryReadingHandle::can_link() const {
  const std::shared_ptr<HistoryToRead> own = to_read();
  return own->reading.can_link() && own->runtime->pool.has_none_waiting();
}

std::shared_ptr<HistoryToRead> HistoryReadingHandle::to_read() const {
  if (!to_read_) throw Error(ErrorCode::kClosed, "the reading is closed");
  return to_read_;
}

void HistoryReadingHandle::close() noexcept {
  to_read_.reset();
  external_.tell(0);
}

Napi::FunctionReference HistoryBytesHandle::define(napi_env env) {
  const std::array members = {
      getter("byteLength", entry<byte_length>),
      method("write", entry<addon::write>),
  };
  return define_class(env, "NativeHistoryBytes", members);
}

const HistoryBytesWriter& HistoryBytesHandle::writer() const {
  if (!writer_) throw Error(ErrorCode::kClosed, "the bytes have been written");
  return *writer_;
}

std::unique_ptr<const HistoryBytesWriter> HistoryBytesHandle::take() {
  writer();
  return std::move(writer_);
}

napi_value history_to_bytes(const Call& call) {
  auto& handle = unwrap<HistoryHandle>(call.env(), call.self(), "this");
  const bool packed = boolean_of(call.env(), call[0], "packed");
  return submit(call,
                std::make_unique<MeasureJob>(
                    call, Measure(handle, packed ? BytesForm::kPacked : BytesForm::kPlain)),
                1);
}

napi_value history_onto_ground(const Call& call) {
  auto& handle = unwrap<HistoryHandle>(call.env(), call.self(), "this");
  return submit(call,
                std::make_unique<OntoJob>(call, Measure(handle, BytesForm::kPlain),
                                          ground_of(call.env(), call[0])),
                1);
}

napi_value begin_history_reading(const Call& call) {
  const napi_env env = call.env();
  const std::size_t byte_length = integer_of(env, call[1], "byteLength", 0, kMaxSafeInteger);
  return wrap(Environment::of(env).history_reading_class,
              std::make_unique<HistoryReadingHandle>(env, call.environment().runtime(),
                                                     ground_of(env, call[0]), byte_length));
}

}  // namespace kleio::addon
