// Histories as bytes, and over other tables: all on the pool.
#pragma once

#include <napi.h>

#include <memory>

#include "addon/guard.h"
#include "core/history_bytes.h"

namespace kleio::addon {

// `NativeHistoryBytes` of lib/binding/contract/native-history.ts: bytes that have been measured and
// are written once into memory of JavaScript's. Until then it holds a snapshot.
class HistoryBytesHandle {
 public:
  static constexpr napi_type_tag kTag = {0x6b6c65696f5f6862, 0x41d07be95c2a863f};
  static constexpr const char* kName = "native bytes of a history";

  static Napi::FunctionReference define(napi_env env);

  explicit HistoryBytesHandle(std::unique_ptr<const HistoryBytesWriter> writer)
      : writer_(std::move(writer)) {}

  // Throws kClosed once it has been taken.
  const HistoryBytesWriter& writer() const;
  std::unique_ptr<const HistoryBytesWriter> take();

 private:
  std::unique_ptr<const HistoryBytesWriter> writer_;
};

// Methods of `NativeHistory`.
napi_value history_to_bytes(const Call& call);
napi_value history_onto_ground(const Call& call);
// The binding's function.
napi_value history_from_bytes(const Call& call);

}  // namespace kleio::addon
