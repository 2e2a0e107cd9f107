// `NativeTree` of lib/binding/contract/native-tree.ts: a handle on an index tree, whose state
// searches may outlive.
#pragma once

#include <napi.h>

#include <cstddef>
#include <cstdint>
#include <memory>
#include <utility>

#include "addon/external_memory.h"
#include "addon/guard.h"
#include "addon/process_runtime.h"
#include "addon/shared_objects.h"
#include "core/guarded.h"
#include "tree/tree_state.h"
#include "tree/tree_writer.h"

namespace kleio::addon {

// The state that handles of all threads see: that after the last change.
class PresentTree {
 public:
  explicit PresentTree(std::shared_ptr<const TreeState> state) : state_(std::move(state)) {}

  std::shared_ptr<const TreeState> state() const { return *state_.lock(); }
  // The state before goes behind the lock.
  void replace(std::shared_ptr<const TreeState> state) { state_.lock()->swap(state); }

 private:
  Guarded<std::shared_ptr<const TreeState>> state_;
};

class IndexTreeHandle {
 public:
  static constexpr napi_type_tag kTag = {0x6b6c65696f5f7472, 0x81c4f09e5d2b7a36};
  static constexpr const char* kName = "native tree";
  static constexpr const char* kClass = "IndexTree";
  using Content = PresentTree;

  static Napi::FunctionReference define(napi_env env);
  // The one that changes the tree.
  static napi_value make(napi_env env, std::shared_ptr<const TreeState> state);
  // One that reads it.
  static napi_value make(napi_env env, std::shared_ptr<Shared<PresentTree>> shared);

  IndexTreeHandle(napi_env env, std::shared_ptr<Shared<PresentTree>> shared,
                  std::shared_ptr<TreeWriter> writer);
  IndexTreeHandle(const IndexTreeHandle&) = delete;
  IndexTreeHandle& operator=(const IndexTreeHandle&) = delete;

  // Throw kClosed.
  const std::shared_ptr<Shared<PresentTree>>& shared() const;
  std::shared_ptr<const TreeState> state() const { return shared()->content.state(); }
  bool reads_only() const noexcept { return writer_ == nullptr; }
  // Throws kArgument for a handle that reads only.
  const std::shared_ptr<TreeWriter>& writer() const;
  // Tells the garbage collector how much the tree now takes.
  void account() noexcept;
  void close() noexcept;

 private:
  std::shared_ptr<Shared<PresentTree>> shared_;  // nullptr: closed
  std::shared_ptr<TreeWriter> writer_;  // with what changes remember; closed with the handle
  ExternalMemory external_;
};

// The binding's functions.
napi_value index_tree_build(const Call& call);
napi_value index_tree_open(const Call& call);

}  // namespace kleio::addon
