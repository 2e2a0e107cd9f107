#include "addon/write_file.h"

#include <cstdint>

#include "addon/arguments.h"
#include "core/new_file.h"

namespace kleio::addon {

napi_value write_file(const Call& call) {
  const napi_env env = call.env();
  const auto bytes = elements_of<std::uint8_t>(env, call[1], "bytes");
  NewFile file(string_of(env, call[0], "path"));
  file.write(std::as_bytes(bytes));
  file.commit();
  return nullptr;
}

}  // namespace kleio::addon
