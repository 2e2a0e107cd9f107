// A device that is in use: the device, its memory, its streams and what has been counted. Whoever
// has something on the device keeps it.
#pragma once

#include <atomic>
#include <cstdint>
#include <memory>

#include "core/accelerator.h"
#include "cuda/device/device.h"
#include "cuda/device/device_memory.h"
#include "cuda/device/graph_cache.h"
#include "cuda/device/request_stream.h"

namespace kleio::cuda {

struct DeviceCounters {
  std::atomic<std::uint64_t> table_bytes{0};
  std::atomic<std::uint64_t> histories_uploaded{0};
  std::atomic<std::uint64_t> histories_updated{0};
  std::atomic<std::uint64_t> uploaded_bytes{0};
  std::atomic<std::uint64_t> cpu_searches{0};
  std::atomic<std::uint64_t> visited_rows{0};
  std::atomic<std::uint64_t> compactions{0};
  std::atomic<std::uint64_t> list_overflows{0};
  GraphCounters graphs;
};

struct DeviceContext {
  DeviceContext(std::unique_ptr<Device> opened, const AcceleratorOptions& options);

  const std::unique_ptr<Device> device;
  const CandidateSearch search;
  const bool wgmma;  // is asked for, and there
  const std::uint32_t one_launch_targets;
  const SelectWidth select_width;
  DeviceCounters counters;
  DeviceMemory memory;
  RequestStreamPool streams;
};

}  // namespace kleio::cuda
