#include "cpu/simd/float_kernels.h"

namespace kleio {

const FloatKernels& float_kernels_for(Isa isa) noexcept {
#if defined(__x86_64__)
  if (isa == Isa::kAvx512) return kAvx512FloatKernels;
  if (isa == Isa::kAvx2) return kAvx2FloatKernels;
#endif
  return kScalarFloatKernels;
}

}  // namespace kleio
