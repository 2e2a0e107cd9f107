// Instruction set levels of the CPU kernels, and which of them this machine can run.
#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

namespace kleio {

enum class Isa : std::uint8_t {
  kScalar = 0,  // portable C++
  kAvx2 = 1,    // AVX2, FMA, F16C
  kAvx512 = 2,  // AVX-512 F, BW, DQ, VL and VNNI
};

const char* name_of(Isa isa) noexcept;

// Levels that this binary holds and that processor and operating system support, lowest first.
std::vector<Isa> supported_isas();

// The level to run: the highest supported, or `forced` (KLEIO_ISA) if it is not empty.
// Throws kIsa for a name that does not exist or a level that this machine lacks.
Isa choose_isa(std::string_view forced);

}  // namespace kleio
