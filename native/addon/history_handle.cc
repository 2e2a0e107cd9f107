#include "addon/history_handle.h"

#include <array>
#include <utility>
#include <vector>

#include "addon/arguments.h"
#include "addon/environment.h"
#include "addon/extendable_search.h"
#include "addon/field_arrays.h"
#include "addon/given_items.h"
#include "addon/history_build.h"
#include "addon/history_bytes_handle.h"
#include "addon/limits.h"
#include "addon/search_job.h"
#include "addon/search_request.h"
#include "addon/table_handle.h"

namespace kleio::addon {
namespace {

HistoryHandle& self_of(const Call& call) {
  return unwrap<HistoryHandle>(call.env(), call.self(), "this");
}

template <std::size_t (History::*read)() const noexcept>
napi_value property(const Call& call) {
  const History& history = self_of(call).history();
  return Napi::Number::New(call.env(), static_cast<double>((history.*read)()));
}

napi_value append(const Call& call) {
  const napi_env env = call.env();
  HistoryHandle& handle = self_of(call);
  History& history = handle.history();
  // Rows and times are copied before they are checked: another thread may be writing to them.
  const auto times = optional_copy_of<double>(env, call[2], "times");
  const History::Attributes attributes = {
      .categories = optional_elements_of<std::int64_t>(env, call[1], "categories"), .times = times};
  const auto array = typed_array_of(env, call[0]);
  if (array && array->type == napi_bigint64_array) {
    history.append_ids(elements_of<std::int64_t>(env, call[0], "ids"), attributes);
  } else {
    history.append(copy_of<std::int32_t>(elements_of<std::int32_t>(env, call[0], "rows")),
                   attributes);
  }
  handle.account();
  return nullptr;
}

napi_value clear(const Call& call) {
  HistoryHandle& handle = self_of(call);
  handle.history().clear();
  handle.account();
  return nullptr;
}

template <std::int64_t (History::*read)() const noexcept>
napi_value sequence(const Call& call) {
  const History& history = self_of(call).history();
  return Napi::Number::New(call.env(), static_cast<double>((history.*read)()));
}

napi_value read(const Call& call) {
  const std::size_t count =
      read_behaviours(call.env(), call[0], call[1], call[2], self_of(call).history());
  return Napi::Number::New(call.env(), static_cast<double>(count));
}

napi_value has(const Call& call) {
  const napi_env env = call.env();
  const History& history = self_of(call).history();
  const GivenItems items = given_items_of(env, call[0], history.table(), "items");
  const auto seen = elements_of<std::uint8_t>(env, call[1], "seen");
  require_length(seen.size(), items.rows.size(), "seen", "the number of items");
  history.has({items.rows, items.ids}, seen);
  return nullptr;
}

napi_value removed_from(const Call& call, std::size_t behaviours) {
  self_of(call).account();
  return Napi::Number::New(call.env(), static_cast<double>(behaviours));
}

napi_value remove_items(const Call& call) {
  History& history = self_of(call).history();
  const GivenItems items = given_items_of(call.env(), call[0], history.table(), "items");
  return removed_from(call, history.remove_items({items.rows, items.ids}));
}

// What is no whole number is none of a behaviour.
napi_value remove_sequences(const Call& call) {
  std::vector<std::int64_t> sequences;
  for (const double number : elements_of<double>(call.env(), call[0], "sequences")) {
    if (!(number >= 0 && number <= static_cast<double>(kMaxSafeInteger))) continue;
    const auto sequence = static_cast<std::int64_t>(number);
    if (static_cast<double>(sequence) == number) sequences.push_back(sequence);
  }
  return removed_from(call, self_of(call).history().remove(sequences));
}

napi_value remove_before(const Call& call) {
  const double time = number_of(call.env(), call[0], "before");
  History& history = self_of(call).history();
  if (history.length() > 0 && !history.has_times()) {
    throw Error(ErrorCode::kArgument, "before needs the behaviours' times; append them");
  }
  return removed_from(call, history.remove_before(time));
}

napi_value close(const Call& call) {
  self_of(call).close();
  return nullptr;
}

// From the first arguments: table, capacity.
History history_over_table(const Call& call) {
  const napi_env env = call.env();
  const DeviceTable& held = unwrap<TableHandle>(env, call[0], "table").held();
  return {held.table, *held.backend, {.capacity = capacity_of(env, call[1])}};
}

napi_value search_sync(const Call& call) {
  HistoryHandle& handle = self_of(call);
  const SearchRequest request = search_request_of(call, handle.history());
  const auto history = handle.history().snapshot();
  const CallContext context = {.pool = handle.runtime().pool, .max_threads = request.max_threads};
  history->backend->search(*history, request.targets, request.options, context, request.kept);
  read_kept_fields(*history, request.kept, request.fields, context);
  handle.account();  // a search may put the history on its device
  return nullptr;
}

napi_value search(const Call& call) {
  const napi_env env = call.env();
  HistoryHandle& handle = self_of(call);
  const napi_value done = function_of(env, call[SearchRequest::kArguments], "done");
  SearchRequest request = search_request_of(call, handle.history());
  auto job = std::make_unique<SearchJob>(call, HistorySearch{.history = handle.history().snapshot(),
                                                             .targets = std::move(request.targets),
                                                             .options = std::move(request.options),
                                                             .kept = request.kept,
                                                             .fields = request.fields,
                                                             .max_threads = request.max_threads});
  const std::uint64_t number = call.environment().channel().submit(std::move(job), done);
  return Napi::Number::New(env, static_cast<double>(number));
}

}  // namespace

Napi::FunctionReference HistoryHandle::define(napi_env env) {
  const std::array members = {
      getter("length", entry<property<&History::length>>),
      getter("distinct", entry<property<&History::distinct>>),
      getter("byteLength", entry<property<&History::byte_size>>),
      getter("firstSequence", entry<sequence<&History::first_sequence>>),
      getter("nextSequence", entry<sequence<&History::next_sequence>>),
      method("append", entry<append>),
      method("read", entry<addon::read>),
      method("has", entry<has>),
      method("removeItems", entry<remove_items>),
      method("removeSequences", entry<remove_sequences>),
      method("removeBefore", entry<remove_before>),
      method("clear", entry<clear>),
      method("close", entry<addon::close>),
      method("searchSync", entry<search_sync>),
      method("search", entry<search>),
      method("extendable", entry<make_extendable_search>),
      method("toBytes", entry<history_to_bytes>),
      method("onto", entry<history_onto_ground>),
  };
  return define_class(env, "NativeHistory", members);
}

napi_value HistoryHandle::make(napi_env env, History history) {
  const Environment& environment = Environment::of(env);
  return wrap(environment.history_class,
              std::make_unique<HistoryHandle>(env, environment.runtime(), std::move(history)));
}

HistoryHandle::HistoryHandle(napi_env env, std::shared_ptr<ProcessRuntime> runtime, History history)
    : runtime_(std::move(runtime)),
      history_(std::make_unique<History>(std::move(history))),
      external_(env) {
  account();
}

History& HistoryHandle::history() {
  if (!history_) throw Error(ErrorCode::kClosed, "the history is closed");
  return *history_;
}

void HistoryHandle::account() noexcept {
  external_.tell(history_ ? history_->byte_size() : 0);
}

void HistoryHandle::close() noexcept {
  while (extendable_ != nullptr) extendable_->close();
  history_.reset();
  account();
}

napi_value create_history(const Call& call) {
  return HistoryHandle::make(call.env(), history_over_table(call));
}

napi_value build_table_history(const Call& call) {
  return build_history(call, history_over_table(call), 2);
}

}  // namespace kleio::addon
