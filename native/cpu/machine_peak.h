// The peaks of the processor (core/peak_loop.h), on all the threads of a loop at once.
#pragma once

#include "core/peak_loop.h"
#include "cpu/simd/isa.h"

namespace kleio {

// Operations (two a multiply-add) or bytes per second; 0 where this processor has no such loop.
// Throws std::bad_alloc, std::system_error.
double measure_peak(const PeakLoop& loop, Isa isa);

}  // namespace kleio
