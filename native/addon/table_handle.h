// `NativeTable` of lib/binding/contract/native-table.ts: a handle on a table that histories may
// outlive.
#pragma once

#include <napi.h>

#include <cstdint>
#include <memory>

#include "addon/external_memory.h"
#include "addon/guard.h"
#include "addon/process_runtime.h"
#include "addon/shared_objects.h"
#include "core/table.h"

namespace kleio::addon {

// A table and the backend that searches it. Whoever holds it holds both.
struct DeviceTable {
  std::shared_ptr<ProcessRuntime> runtime;
  int device = kCpu;
  const Backend* backend = nullptr;  // of the runtime
  std::shared_ptr<Table> table;
  std::shared_ptr<const TableResidence> residence;  // nullptr: none is needed

  // Puts `table` on the device. Throws kDevice, kOutOfMemory.
  static DeviceTable on(std::shared_ptr<ProcessRuntime> runtime, int device,
                        std::shared_ptr<Table> table);
  std::size_t resident_bytes() const noexcept;
};

class TableHandle {
 public:
  enum class Access : std::uint8_t { kAppends, kReads };

  static constexpr napi_type_tag kTag = {0x6b6c65696f5f7461, 0x9d1f3c7052ab4e18};
  static constexpr const char* kName = "native table";
  static constexpr const char* kClass = "EmbeddingTable";
  using Content = DeviceTable;

  static Napi::FunctionReference define(napi_env env);
  static napi_value make(napi_env env, DeviceTable held, Access access = Access::kAppends);
  // One that reads.
  static napi_value make(napi_env env, std::shared_ptr<Shared<DeviceTable>> shared);

  TableHandle(napi_env env, std::shared_ptr<Shared<DeviceTable>> shared, Access access);
  TableHandle(const TableHandle&) = delete;
  TableHandle& operator=(const TableHandle&) = delete;

  // Throw kClosed.
  const std::shared_ptr<Shared<DeviceTable>>& shared() const;
  const DeviceTable& held() const { return shared()->content; }
  const Table& table() const { return *held().table; }
  // Throws kArgument for a handle that reads only.
  Table& growing_table() const;
  // Tells the garbage collector how much the table now holds.
  void account() noexcept;
  void close() noexcept;

 private:
  std::shared_ptr<Shared<DeviceTable>> shared_;  // nullptr: closed
  Access access_;
  ExternalMemory external_;
};

// The binding's functions.
napi_value table_from(const Call& call);
napi_value table_open(const Call& call);

}  // namespace kleio::addon
