#include <random>

#include "cuda/kernels/peak_kernels.h"
#include "cuda/kernels/peak_loops.cuh"
#include "cuda/software/execution_software.h"

namespace kleio::cuda {

DeviceError peak_software(const PeakParams& params, StreamHandle) {
  std::random_device random;
  for (std::uint32_t index = 0; index < params.blocks; ++index) {
    SoftwareBlock<kPeakThreads> block(index, 0, random());
    switch (params.peak) {
      case Peak::kInt8:
        peak_of_matrix_units<CodeType::kInt8>(block, params);
        break;
      case Peak::kFloat16:
        peak_of_matrix_units<CodeType::kFloat16>(block, params);
        break;
      case Peak::kFloat32:
        peak_of_float_units(block, params);
        break;
      case Peak::kRead:
        peak_of_reading(block, params);
        break;
    }
  }
  return kSuccess;
}

}  // namespace kleio::cuda
