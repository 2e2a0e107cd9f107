#include "addon/history_build.h"

#include <cstdint>
#include <memory>
#include <optional>
#include <utility>
#include <variant>
#include <vector>

#include "addon/arguments.h"
#include "addon/completion_channel.h"
#include "addon/environment.h"
#include "addon/history_handle.h"

namespace kleio::addon {
namespace {

using Rows = std::vector<std::int32_t>;
using Ids = std::vector<std::int64_t>;

// What JavaScript gave, copied: its arrays may change before a pool thread reads them.
struct GivenBehaviours {
  std::variant<Rows, Ids> behaviours;
  std::optional<std::vector<std::int64_t>> categories;
  std::optional<std::vector<double>> times;
};

GivenBehaviours given_from(const Call& call, std::size_t first) {
  const napi_env env = call.env();
  GivenBehaviours given;
  const auto array = typed_array_of(env, call[first]);
  if (array && array->type == napi_bigint64_array) {
    given.behaviours = copy_of<std::int64_t>(elements_of<std::int64_t>(env, call[first], "ids"));
  } else {
    given.behaviours = copy_of<std::int32_t>(elements_of<std::int32_t>(env, call[first], "rows"));
  }
  given.categories = optional_copy_of<std::int64_t>(env, call[first + 1], "categories");
  given.times = optional_copy_of<double>(env, call[first + 2], "times");
  return given;
}

class HistoryBuild final : public Job {
 public:
  HistoryBuild(History empty, GivenBehaviours given)
      : history_(std::move(empty)), given_(std::move(given)) {}

 private:
  void perform() override {
    const GivenBehaviours given = std::move(given_);  // freed here, not on JavaScript's thread
    const History::Attributes attributes = {.categories = given.categories, .times = given.times};
    if (const auto* ids = std::get_if<Ids>(&given.behaviours)) {
      history_.append_ids(*ids, attributes, cancellation());
    } else {
      history_.append(std::get<Rows>(given.behaviours), attributes, cancellation());
    }
  }

  napi_value result(napi_env env) override { return HistoryHandle::make(env, std::move(history_)); }

  History history_;
  GivenBehaviours given_;
};

}  // namespace

std::size_t capacity_of(napi_env env, napi_value value) {
  return integer_of(env, value, "capacity", 1, kMaxRows);
}

napi_value build_history(const Call& call, History empty, std::size_t first) {
  const napi_env env = call.env();
  const napi_value done = function_of(env, call[first + 3], "done");
  auto job = std::make_unique<HistoryBuild>(std::move(empty), given_from(call, first));
  const std::uint64_t number = call.environment().channel().submit(std::move(job), done);
  return Napi::Number::New(env, static_cast<double>(number));
}

}  // namespace kleio::addon
