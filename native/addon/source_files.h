// `NativeFile` of lib/binding/contract/native-file.ts: files that lib has opened.
#pragma once

#include <napi.h>

#include <memory>
#include <utility>
#include <vector>

#include "core/source_file.h"

namespace kleio::addon {

// The files of one call, each with one descriptor of our own: the caller's may be closed, and its
// number another file's, before a pool thread reads.
class SourceFiles {
 public:
  // The same file for the same descriptor. Throws kArgument, kRange, kFile.
  std::shared_ptr<const SourceFile> of(napi_env env, napi_value file);

 private:
  std::vector<std::pair<int, std::shared_ptr<const SourceFile>>> files_;  // by the caller's number
};

}  // namespace kleio::addon
