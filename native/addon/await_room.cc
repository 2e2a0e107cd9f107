#include "addon/await_room.h"

#include <memory>

#include "addon/arguments.h"
#include "addon/completion_channel.h"
#include "addon/environment.h"

namespace kleio::addon {
namespace {

// All that it does is to be over.
class RoomJob final : public Job {
 private:
  void perform() override {}
  napi_value result(napi_env env) override { return Napi::Env(env).Undefined(); }
};

}  // namespace

napi_value await_room(const Call& call) {
  const napi_value done = function_of(call.env(), call[0], "done");
  const std::uint64_t number =
      call.environment().channel().await_room(std::make_unique<RoomJob>(), done);
  return Napi::Number::New(call.env(), static_cast<double>(number));
}

napi_value require_room(const Call& call) {
  call.environment().channel().require_room();
  return nullptr;
}

}  // namespace kleio::addon
