// The float32 kernels of the ESU and the tower, AVX-512.
#if defined(__x86_64__)
#include <immintrin.h>

#include <algorithm>
#include <cmath>

#include "cpu/simd/float_kernels.h"

#pragma GCC push_options
#pragma GCC target("avx512f,avx512bw,avx512dq,avx512vl,fma,bmi2,popcnt")

// The kernels are written over the `Simd` that comes first.
// clang-format off
#include "cpu/simd/simd_avx512.h"
#include "cpu/simd/float_kernels_body.h"
// clang-format on

namespace kleio {

const FloatKernels kAvx512FloatKernels = {
    .isa = Isa::kAvx512,
    .lanes = kLanes,
    .tile_outputs = kTileOutputs,
    .linear = linear,
    .attend = attend,
    .dice = dice,
};

}  // namespace kleio

#pragma GCC pop_options
#endif
