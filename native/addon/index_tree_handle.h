// `NativeTree` of lib/binding/contract/native-tree.ts: a handle on an index tree, whose state
// searches may outlive.
#pragma once

#include <napi.h>

#include <cstddef>
#include <cstdint>
#include <memory>

#include "addon/external_memory.h"
#include "addon/guard.h"
#include "addon/process_runtime.h"
#include "tree/tree_state.h"
#include "tree/tree_writer.h"

namespace kleio::addon {

class IndexTreeHandle {
 public:
  static constexpr napi_type_tag kTag = {0x6b6c65696f5f7472, 0x81c4f09e5d2b7a36};
  static constexpr const char* kName = "native tree";

  static Napi::FunctionReference define(napi_env env);
  static napi_value make(napi_env env, std::shared_ptr<const TreeState> state);

  IndexTreeHandle(napi_env env, std::shared_ptr<const TreeState> state);
  IndexTreeHandle(const IndexTreeHandle&) = delete;
  IndexTreeHandle& operator=(const IndexTreeHandle&) = delete;

  // Throws kClosed.
  const std::shared_ptr<const TreeState>& state() const;
  const std::shared_ptr<TreeWriter>& writer() const noexcept { return writer_; }
  // What a change has made. A tree that was closed meanwhile stays so.
  void replace(std::shared_ptr<const TreeState> state) noexcept;
  void close() noexcept;

 private:
  void account() noexcept;

  std::shared_ptr<const TreeState> state_;  // nullptr: closed
  std::shared_ptr<TreeWriter> writer_;      // with what changes remember; closed with the tree
  ExternalMemory external_;
};

// The binding's functions.
napi_value index_tree_build(const Call& call);
napi_value index_tree_open(const Call& call);

}  // namespace kleio::addon
