// The float32 kernels of the ESU and the tower, portable C++: the reference of the other levels.
#include <algorithm>
#include <cmath>

#include "cpu/simd/float_kernels.h"
// The kernels are written over the `Simd` that comes first.
// clang-format off
#include "cpu/simd/simd_scalar.h"
#include "cpu/simd/float_kernels_body.h"
// clang-format on

namespace kleio {

const FloatKernels kScalarFloatKernels = {
    .isa = Isa::kScalar,
    .lanes = kLanes,
    .tile_outputs = kTileOutputs,
    .linear = linear,
    .attend = attend,
    .dice = dice,
};

}  // namespace kleio
