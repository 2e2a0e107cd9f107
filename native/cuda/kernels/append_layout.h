// How the append divides its shared memory.
#pragma once

#include <cstdint>

#include "core/host_device.h"

namespace kleio::cuda {

inline constexpr std::uint32_t kMaxItemTargets = 1024;  // a counter each: 4 KB
// 24 KB of rows held back. An item of 512 rows and 256 targets lists about 600 where K = 50 of
// 100 000 are sought by a sample of an eighth.
inline constexpr std::uint32_t kMaxStaged = 2048;

struct AppendLayout {
  // Offsets in bytes, multiples of 16.
  std::uint32_t staged = 0;   // [1] uint32, rows that came; more than the capacity: some went on
  std::uint32_t hits = 0;     // [kMaxItemTargets] uint32, by target of the item
  std::uint32_t rows = 0;     // [capacity] uint64: bits of the estimate, slot
  std::uint32_t targets = 0;  // [capacity] uint32, of the item
  std::uint32_t bytes = 0;
};

KLEIO_HOST_DEVICE constexpr AppendLayout append_layout(std::uint32_t stage_capacity) noexcept {
  AppendLayout layout;
  layout.staged = 0;
  layout.hits = 16;
  layout.rows = layout.hits + 4 * kMaxItemTargets;
  layout.targets = layout.rows + (8 * stage_capacity + 15) / 16 * 16;
  layout.bytes = layout.targets + 4 * stage_capacity;
  return layout;
}

}  // namespace kleio::cuda
