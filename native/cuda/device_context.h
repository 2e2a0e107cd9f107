// A device that is in use: the device, its memory, its lanes and what has been counted. Whoever has
// something on the device keeps it.
#pragma once

#include <atomic>
#include <cstdint>
#include <memory>

#include "cuda/device.h"
#include "cuda/device_memory.h"
#include "cuda/lane.h"

namespace kleio::cuda {

struct DeviceCounters {
  std::atomic<std::uint64_t> table_bytes{0};
  std::atomic<std::uint64_t> histories_uploaded{0};
  std::atomic<std::uint64_t> histories_updated{0};
  std::atomic<std::uint64_t> uploaded_bytes{0};
  std::atomic<std::uint64_t> cpu_searches{0};
  std::atomic<std::uint64_t> visited_rows{0};
  std::atomic<std::uint64_t> compactions{0};
};

struct DeviceContext {
  // `history_budget_bytes` 0: half of the device's memory.
  DeviceContext(std::unique_ptr<Device> opened, std::size_t history_budget_bytes);

  const std::unique_ptr<Device> device;
  DeviceMemory memory;
  LanePool lanes;
  DeviceCounters counters;
};

}  // namespace kleio::cuda
