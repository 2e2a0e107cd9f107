// What this machine does at best: the floors that measurements are held against.
//
// Each rate is that of a loop which does nothing else, on all its threads at once, so it belongs to
// the moment and to the neighbours it was measured beside: measure it in the run it is used in.
#pragma once

#include <cstddef>
#include <cstdint>

#include "cpu/isa.h"

namespace kleio {

enum class Peak : std::uint8_t {
  kInt8 = 0,     // exact int8 multiply-adds in registers: VPDPBUSD, or PMADDWD on split bytes
  kFloat32 = 1,  // float32 multiply-adds in registers
  kRead = 2,     // reading memory, as much as `bytes` again and again
};

struct PeakLoop {
  Peak peak = Peak::kInt8;
  Isa isa = Isa::kScalar;
  std::size_t threads = 1;
  std::size_t bytes = 0;  // of kRead, over all threads
  double seconds = 0.05;
};

// Operations (two a multiply-add) or bytes per second; 0 where this processor has no such loop.
// Throws std::bad_alloc, std::system_error.
double measure_peak(const PeakLoop& loop);

}  // namespace kleio
