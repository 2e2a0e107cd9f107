// `NativeTable` of lib/native.ts: a handle on a table that histories may outlive.
#pragma once

#include <napi.h>

#include <cstdint>
#include <memory>

#include "addon/guard.h"
#include "core/table.h"

namespace kleio::addon {

class TableHandle {
 public:
  static constexpr napi_type_tag kTag = {0x6b6c65696f5f7461, 0x9d1f3c7052ab4e18};
  static constexpr const char* kName = "native table";

  static Napi::FunctionReference define(napi_env env);
  static napi_value make(napi_env env, std::shared_ptr<const Table> table);

  TableHandle(napi_env env, std::shared_ptr<const Table> table);
  ~TableHandle();
  TableHandle(const TableHandle&) = delete;
  TableHandle& operator=(const TableHandle&) = delete;

  // Throws kClosed.
  const std::shared_ptr<const Table>& table() const;
  void close() noexcept;

 private:
  napi_env env_;
  std::shared_ptr<const Table> table_;  // nullptr: closed
};

// The binding's functions.
napi_value table_from(const Call& call);
napi_value table_open(const Call& call);

}  // namespace kleio::addon
