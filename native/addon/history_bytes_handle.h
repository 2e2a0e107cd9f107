// Histories as bytes, and over other tables: all on the pool.
#pragma once

#include <napi.h>

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>

#include "addon/external_memory.h"
#include "addon/guard.h"
#include "addon/process_runtime.h"
#include "addon/reading_memory.h"
#include "core/history_reading.h"

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

// Bytes that nobody else has, on their way to become a history.
struct HistoryToRead {
  std::shared_ptr<ProcessRuntime> runtime;  // outlives the memory
  ReadingMemoryPool::Lease memory;
  std::size_t byte_length;
  HistoryReading reading;
};

// `NativeHistoryReading`: bytes of JavaScript's on their way to be read.
class HistoryReadingHandle {
 public:
  static constexpr napi_type_tag kTag = {0x6b6c65696f5f6872, 0x95e24f1b70c83ad6};
  static constexpr const char* kName = "native reading of a history";

  static Napi::FunctionReference define(napi_env env);

  // Throws std::bad_alloc.
  HistoryReadingHandle(napi_env env, std::shared_ptr<ProcessRuntime> runtime, HistoryGround ground,
                       std::size_t byte_length);

  // The next part; true after the last. Throws kArgument, kFormat; and kClosed, as the next ones,
  // once it is closed.
  bool take(std::span<const std::byte> bytes);
  bool can_link() const;
  // For a job, which may go on beside `take`, or when everything has been taken.
  std::shared_ptr<HistoryToRead> to_read() const;
  // What it holds goes, unless a job has it.
  void close() noexcept;

 private:
  std::shared_ptr<HistoryToRead> to_read_;
  ExternalMemory external_;
};

// Methods of `NativeHistory`.
napi_value history_to_bytes(const Call& call);
napi_value history_onto_ground(const Call& call);
// The binding's function.
napi_value begin_history_reading(const Call& call);

}  // namespace kleio::addon
