// The peaks of the processor (core/peak_loop.h), on all the threads of a loop at once.
#pragma once

#include <cstddef>

#include "core/peak_loop.h"

namespace kleio {

// What a level (cpu/levels/isa.h) can do at best. Null: it has no such loop.
struct PeakLoops {
  // Multiply-adds on registers alone, on accumulators enough to hide their latency (4 or 5 cycles,
  // two instructions a cycle). Return how many operations that was, two a multiply-add.
  double (*int8)() noexcept;
  double (*float32)() noexcept;
  // Reads `bytes` (a multiple of 256) from `begin` on (aligned alike) once.
  void (*read)(const std::byte* begin, std::size_t bytes) noexcept;
};

// Operations (two a multiply-add) or bytes per second; 0 where there is no such loop.
// Throws std::bad_alloc, std::system_error.
double measure_peak(const PeakLoop& loop, const PeakLoops& loops);

}  // namespace kleio
