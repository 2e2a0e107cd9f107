#include "addon/argument_list.h"

#include <string>

#include "addon/arguments.h"
#include "addon/guard.h"

namespace kleio::addon {

ArgumentList ArgumentList::of_array(napi_env env, napi_value array, std::uint32_t first,
                                    const char* name) {
  const std::uint32_t length = length_of_array(env, array, name);
  if (length > first + kMaxArguments) {
    throw Error(ErrorCode::kArgument, std::string(name) + " has too many elements");
  }
  ArgumentList list(env);
  std::uint32_t index = first;
  for (napi_value& argument : list.arguments_) {
    // Past the end of an array there is undefined.
    require_ok(env, napi_get_element(env, array, index++, &argument));
  }
  return list;
}

}  // namespace kleio::addon
