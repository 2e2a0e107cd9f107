// How the select divides its shared memory.
#pragma once

#include <cstdint>

#include "core/host_device.h"
#include "core/order.h"
#include "cuda/kernels/execution.h"

namespace kleio::cuda {

inline constexpr std::uint32_t kSelectThreads = 256;
// For few targets: a block of threads has a multiprocessor to itself, and more rows in flight.
inline constexpr std::uint32_t kWideSelectThreads = 512;
inline constexpr std::uint32_t kFewTargets = 128;

KLEIO_HOST_DEVICE constexpr bool is_wide_select(std::uint32_t targets) noexcept {
  return targets <= kFewTargets;
}

inline constexpr std::uint32_t kGroupsPerThread = 4;  // that are tested between two prefixes

struct SelectLayout {
  std::uint32_t key_capacity = 0;  // a power of two: a whole batch fits after a compaction
  std::uint32_t list_capacity = 0;
  std::uint32_t survivor_capacity = 0;
  // Offsets in bytes, multiples of 16.
  std::uint32_t words = 0;      // [warps] uint32
  std::uint32_t keys = 0;       // [key_capacity] uint64
  std::uint32_t list = 0;       // [list_capacity] uint32, groups to visit
  std::uint32_t rows = 0;       // [threads] uint32
  std::uint32_t survivors = 0;  // [survivor_capacity] uint64
  std::uint32_t cursors = 0;    // [k] uint64, in place of `list` and what follows it
  std::uint32_t bytes = 0;
};

KLEIO_HOST_DEVICE constexpr SelectLayout select_layout(std::uint32_t threads,
                                                       std::uint32_t k) noexcept {
  SelectLayout layout;
  layout.key_capacity = 64;
  while (layout.key_capacity < k + threads) layout.key_capacity *= 2;
  layout.list_capacity = 2 * kGroupsPerThread * threads;
  layout.survivor_capacity = 2 * threads;
  layout.words = 0;
  layout.keys = 4 * kWarpLanes;
  layout.list = layout.keys + 8 * layout.key_capacity;
  layout.rows = layout.list + 4 * layout.list_capacity;
  layout.survivors = layout.rows + 4 * threads;
  layout.cursors = layout.list;
  const std::uint32_t visiting = layout.survivors + 8 * layout.survivor_capacity;
  const std::uint32_t expanding = layout.cursors + 8 * k;
  layout.bytes = visiting > expanding ? visiting : expanding;
  return layout;
}

}  // namespace kleio::cuda
