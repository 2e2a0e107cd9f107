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

// For many targets: a warp has a target to itself (core/select_width.h), this many of them share a
// thread block. Four of 128 threads are 16 warps a multiprocessor, at up to 128 registers a thread.
inline constexpr std::uint32_t kMaxSelectWarps = 4;
inline constexpr std::uint32_t kSelectWarpBlocks = 4;
// What a thread block may have without asking for more.
inline constexpr std::uint32_t kSharedBytes = 48 * 1024;

// Groups that a thread tests between two prefixes, having loaded all of their bounds at once: a
// warp alone has to have more of them under way.
KLEIO_HOST_DEVICE constexpr std::uint32_t groups_per_thread(std::uint32_t threads) noexcept {
  return threads == kWarpLanes ? 16 : 4;
}

struct SelectLayout {
  std::uint32_t key_capacity = 0;  // a power of two: a whole batch fits after a compaction
  std::uint32_t list_capacity = 0;
  std::uint32_t survivor_capacity = 0;
  std::uint32_t maxima_capacity = 0;  // at least 4 k, and 8 a thread
  // Offsets in bytes, multiples of 16.
  std::uint32_t words = 0;      // [warps] uint32
  std::uint32_t keys = 0;       // [key_capacity] uint64
  std::uint32_t list = 0;       // [list_capacity] uint32, groups to visit
  std::uint32_t rows = 0;       // [threads] uint32
  std::uint32_t survivors = 0;  // [survivor_capacity] uint64
  std::uint32_t dots = 0;       // [survivor_capacity] int32
  std::uint32_t cursors = 0;    // [k] uint64, in place of `list` and what follows it
  std::uint32_t maxima = 0;     // [maxima_capacity] uint32, in place of `keys` and what follows
  std::uint32_t bytes = 0;      // a multiple of 16
};

KLEIO_HOST_DEVICE constexpr SelectLayout select_layout(std::uint32_t threads,
                                                       std::uint32_t k) noexcept {
  SelectLayout layout;
  layout.key_capacity = 64;
  while (layout.key_capacity < k + threads) layout.key_capacity *= 2;
  layout.list_capacity = 2 * groups_per_thread(threads) * threads;
  layout.survivor_capacity = 2 * threads;
  layout.words = 0;
  layout.keys = 4 * kWarpLanes;
  layout.list = layout.keys + 8 * layout.key_capacity;
  layout.rows = layout.list + 4 * layout.list_capacity;
  layout.survivors = layout.rows + 4 * threads;
  layout.dots = layout.survivors + 8 * layout.survivor_capacity;
  layout.cursors = layout.list;
  layout.maxima = layout.keys;
  const std::uint32_t visiting = layout.dots + 4 * layout.survivor_capacity;
  const std::uint32_t expanding = layout.cursors + (8 * k + 15) / 16 * 16;
  layout.bytes = visiting > expanding ? visiting : expanding;
  layout.maxima_capacity = (layout.bytes - layout.maxima) / 4;
  return layout;
}

// Warps of a thread block, each with shared memory for a target of its own.
constexpr std::uint32_t select_warps(std::uint32_t k) noexcept {
  std::uint32_t warps = kMaxSelectWarps;
  while (warps > 1 && warps * select_layout(kWarpLanes, k).bytes > kSharedBytes) warps /= 2;
  return warps;
}

// Thread blocks of these; the last one may have warps without a target.
constexpr std::uint32_t select_warp_blocks(std::uint32_t targets, std::uint32_t k) noexcept {
  return (targets + select_warps(k) - 1) / select_warps(k);
}

}  // namespace kleio::cuda
