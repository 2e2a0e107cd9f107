#include "addon/source_files.h"

#include <algorithm>
#include <cstdint>
#include <limits>

#include "addon/arguments.h"

namespace kleio::addon {
namespace {

constexpr std::uint64_t kMaxDescriptor = std::numeric_limits<int>::max();

FileStamp stamp_of(napi_env env, napi_value value) {
  const auto numbers = elements_of<std::int64_t>(env, value, "stamp");
  require_length(numbers.size(), 3, "stamp", "size, mtime and ctime");
  return {static_cast<std::uint64_t>(numbers[0]), numbers[1], numbers[2]};
}

}  // namespace

std::shared_ptr<const SourceFile> SourceFiles::of(napi_env env, napi_value file) {
  const Napi::Object given = object_of(env, file, "file");
  const auto descriptor =
      static_cast<int>(integer_of(env, given.Get("descriptor"), "descriptor", 0, kMaxDescriptor));
  const auto known = std::ranges::find(files_, descriptor, &decltype(files_)::value_type::first);
  if (known != files_.end()) return known->second;
  auto opened = std::make_shared<const SourceFile>(string_of(env, given.Get("path"), "path"),
                                                   descriptor, stamp_of(env, given.Get("stamp")));
  files_.emplace_back(descriptor, opened);
  return opened;
}

}  // namespace kleio::addon
