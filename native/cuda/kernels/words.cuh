// Sixteen bytes of codes: their values and products.
#pragma once

#include <cstdint>

#include "core/dtype.h"
#include "core/host_device.h"
#include "cuda/kernels/execution.h"
#include "cuda/kernels/search_params.h"

namespace kleio::cuda {

KLEIO_KERNEL_CODE float float_of_code(CodeType type, std::uint32_t bits) noexcept {
  const auto code = static_cast<std::uint16_t>(bits);
  return type == CodeType::kBfloat16 ? float_from_bfloat16(code) : float_from_half(code);
}

KLEIO_KERNEL_CODE std::int32_t dot_of_int8_words(std::uint32_t a, std::uint32_t b,
                                                 std::int32_t sum) noexcept {
#ifdef __CUDA_ARCH__
  return __dp4a(static_cast<int>(a), static_cast<int>(b), sum);
#else
  for (int shift = 0; shift < 32; shift += 8) {
    sum += static_cast<std::int8_t>(a >> shift) * static_cast<std::int8_t>(b >> shift);
  }
  return sum;
#endif
}

// sum + <a, b>, exact.
KLEIO_KERNEL_CODE std::int32_t dot_of_codes(const Words& a, const Words& b,
                                            std::int32_t sum) noexcept {
  for (int i = 0; i < 4; ++i) sum = dot_of_int8_words(a.w[i], b.w[i], sum);
  return sum;
}

// sum + <a, b> in float32; its error is that of 8 of `accumulation_error`'s additions.
template <CodeType kCode>
KLEIO_KERNEL_CODE float dot_of_codes(const Words& a, const Words& b, float sum) noexcept {
  for (int i = 0; i < 4; ++i) {
    sum += float_of_code(kCode, a.w[i] & 0xffffu) * float_of_code(kCode, b.w[i] & 0xffffu);
    sum += float_of_code(kCode, a.w[i] >> 16) * float_of_code(kCode, b.w[i] >> 16);
  }
  return sum;
}

}  // namespace kleio::cuda
