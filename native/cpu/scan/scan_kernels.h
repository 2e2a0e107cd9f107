// The kernels of the search that each level (cpu/levels/isa.h) may have of its own; consulted
// outside the loops.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

#include "cpu/scan/candidates.h"
#include "cpu/scan/panel.h"

namespace kleio {

// Targets in the form a kernel multiplies with; the layout of `codes` is the kernel's own.
struct TargetTile {
  const std::byte* codes = nullptr;  // count rows, stride_bytes apart
  std::size_t stride_bytes = 0;
  const std::int32_t* bias = nullptr;  // -128 * sum(target codes)
  const float* slack = nullptr;        // see Panel; exact codes read neither
  const float* margin = nullptr;
  std::size_t count = 0;
  std::size_t groups = 0;  // of four dimensions
};

// Exact dots take rows in fours, whose values fill whole registers of every level.
inline constexpr std::size_t kDotRows = 4;
inline constexpr std::size_t kDotWords = 32;

struct CpuKernels {
  // Bytes of one group of four target dimensions, and how to write a target's groups: what the two
  // scans read, so a level replaces the four together.
  std::size_t target_group_bytes;
  void (*pack_target)(std::span<const std::int8_t> codes, std::byte* packed) noexcept;

  // Appends to each target's candidates the rows of the panel that may still reach its threshold,
  // compacting lists that are full. `exact`: int8 tables, whose code dots are the true dots.
  void (*scan_exact)(const Panel& panel, const TargetTile& targets, CandidateTile& candidates);
  void (*scan_certified)(const Panel& panel, const TargetTile& targets, CandidateTile& candidates);

  // Drops from a list what cannot be among its K best. True if that left room.
  bool (*compact_exact)(CandidateTile& candidates, std::size_t target) noexcept;
  bool (*compact_certified)(CandidateTile& candidates, std::size_t target) noexcept;

  // Canonical float64 dots of `count` rows with one target, ascending dimension.
  void (*canonical_dots)(const double* target, const float* const* rows, std::size_t count,
                         std::size_t dim, double* dots) noexcept;

  // Exact dots of int8 rows with one target, both widened: see exact_dots_body.h.
  void (*exact_dots)(const std::int16_t* target, const std::int16_t* rows, std::size_t count,
                     std::size_t words, std::int32_t* dots) noexcept;
};

}  // namespace kleio
