// What lets a header compile for the CPU and, under nvcc, for the GPU with the same meaning.
#pragma once

#include <cstdint>
#include <cstring>

#ifdef __CUDACC__
#define KLEIO_HOST_DEVICE __host__ __device__
// Before a template that calls what it is given: only that says where it runs.
#define KLEIO_CALLER_DECIDES _Pragma("nv_exec_check_disable")
#else
#define KLEIO_HOST_DEVICE
#define KLEIO_CALLER_DECIDES
#endif

namespace kleio {

KLEIO_HOST_DEVICE inline std::uint32_t float_bits(float value) noexcept {
#ifdef __CUDA_ARCH__
  return __float_as_uint(value);
#else
  std::uint32_t bits;
  std::memcpy(&bits, &value, sizeof bits);
  return bits;
#endif
}

KLEIO_HOST_DEVICE inline float float_of_bits(std::uint32_t bits) noexcept {
#ifdef __CUDA_ARCH__
  return __uint_as_float(bits);
#else
  float value;
  std::memcpy(&value, &bits, sizeof value);
  return value;
#endif
}

}  // namespace kleio
