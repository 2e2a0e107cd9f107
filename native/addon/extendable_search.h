// `NativeExtendableSearch` of lib/binding/contract/native-history.ts: a search of one history that
// can be asked again, and then goes on from what it kept.
#pragma once

#include <napi.h>

#include <memory>

#include "addon/external_memory.h"
#include "addon/guard.h"
#include "addon/handle.h"
#include "core/extended_search.h"

namespace kleio::addon {

class HistoryHandle;

class ExtendableSearchHandle {
 public:
  static constexpr napi_type_tag kTag = {0x6b6c65696f5f6578, 0x91d7c3054be8a26f};
  static constexpr const char* kName = "native extendable search";

  static Napi::FunctionReference define(napi_env env);

  // The history closes it with itself.
  ExtendableSearchHandle(napi_env env, HistoryHandle& history,
                         std::shared_ptr<const LastingQuestion> question);
  ~ExtendableSearchHandle() { leave_history(); }
  ExtendableSearchHandle(const ExtendableSearchHandle&) = delete;
  ExtendableSearchHandle& operator=(const ExtendableSearchHandle&) = delete;

  // These throw kClosed.
  HistoryHandle& history() const;
  const std::shared_ptr<const LastingQuestion>& question() const;
  // What it remembers, which jobs read.
  std::shared_ptr<const RememberedKept> remembered() const noexcept { return remembered_; }
  // The same to be changed: its own, or a copy where a job reads it. Throws kOutOfMemory.
  std::shared_ptr<RememberedKept> writable() const;
  // Remembers this, unless it knows of a later moment. Does nothing once closed.
  void remember(std::shared_ptr<RememberedKept> kept) noexcept;
  void close() noexcept;

 private:
  void leave_history() noexcept;

  HistoryHandle* history_;                           // nullptr: closed
  ExtendableSearchHandle* next_;                     // of the history's
  ExtendableSearchHandle** link_;                    // what leads to this one
  std::shared_ptr<const LastingQuestion> question_;  // nullptr: closed
  std::shared_ptr<RememberedKept> remembered_;
  ExternalMemory external_;
};

// A method of `NativeHistory`.
napi_value make_extendable_search(const Call& call);

}  // namespace kleio::addon
