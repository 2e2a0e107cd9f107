// The instruction set levels of the CPU kernels, and which of them this machine can run.
#pragma once

#include <string_view>
#include <vector>

#include "cpu/scan/scan_kernels.h"
#include "cpu/simd/float_kernels.h"
#include "cpu/simd/machine_peak.h"

namespace kleio {

// A level: its name, what it asks of the machine, and its kernels. All levels give the same bits of
// what is kept.
struct Isa {
  const char* name;
  // Whether processor and operating system support it.
  bool (*runs_here)() noexcept;
  CpuKernels kernels;
  FloatKernels floats;
  PeakLoops peaks;
};

// Levels that this binary holds, lowest first.
std::vector<const Isa*> held_isas();

// Those of them that processor and operating system support.
std::vector<const Isa*> supported_isas();

// The level to run: the highest supported, or `forced` (KLEIO_ISA) if it is not empty.
// Throws kIsa for a name that does not exist or a level that this machine lacks.
const Isa& choose_isa(std::string_view forced);

}  // namespace kleio
