#include "cpu/simd/isa.h"

#include <string>

#include "core/error.h"
#include "cpu/scan/scan_kernels.h"

namespace kleio {

const char* name_of(Isa isa) noexcept {
  switch (isa) {
    case Isa::kScalar:
      return "scalar";
    case Isa::kAvx2:
      return "avx2";
    case Isa::kAvx512:
      return "avx512";
  }
  return "";
}

std::vector<Isa> supported_isas() {
  std::vector<Isa> isas = {Isa::kScalar};
#if defined(__x86_64__)
  // These builtins read CPUID and, through XGETBV, whether the system saves the registers.
  __builtin_cpu_init();
  if (__builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma")) {
    isas.push_back(Isa::kAvx2);
    if (__builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw") &&
        __builtin_cpu_supports("avx512dq") && __builtin_cpu_supports("avx512vl") &&
        __builtin_cpu_supports("avx512vnni")) {
      isas.push_back(Isa::kAvx512);
    }
  }
#endif
  return isas;
}

Isa choose_isa(std::string_view forced) {
  const std::vector<Isa> isas = supported_isas();
  if (forced.empty()) return isas.back();
  std::string names;
  for (const Isa isa : isas) {
    if (forced == name_of(isa)) return isa;
    names += names.empty() ? name_of(isa) : std::string(", ") + name_of(isa);
  }
  throw Error(ErrorCode::kIsa, "KLEIO_ISA must be one that this machine runs (" + names +
                                   "); got '" + std::string(forced) + "'");
}

const CpuKernels& kernels_for(Isa isa) noexcept {
#if defined(__x86_64__)
  if (isa == Isa::kAvx512) return kAvx512Kernels;
  if (isa == Isa::kAvx2) return kAvx2Kernels;
#endif
  return kScalarKernels;
}

}  // namespace kleio
