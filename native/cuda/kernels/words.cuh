// Sixteen bytes of a row: the values of its elements, and products of codes.
#pragma once

#include <cstdint>
#include <type_traits>

#include "core/dtype.h"
#include "core/host_device.h"
#include "cuda/kernels/code_type.h"
#include "cuda/kernels/execution.h"

namespace kleio::cuda {

// Elements of a type in sixteen bytes.
template <typename Element>
inline constexpr std::uint32_t kInWords = sizeof(Words) / sizeof(typename Element::Stored);

// Bytes of `count` elements, whole sixteens.
template <typename Element>
KLEIO_KERNEL_CODE std::uint32_t bytes_in_words(std::uint32_t count) noexcept {
  constexpr std::uint32_t kElementBytes = sizeof(typename Element::Stored);
  return (count * kElementBytes + 15) / 16 * 16;
}

// Element `i` of them, widened to float32.
template <typename Element>
KLEIO_KERNEL_CODE float element_of(const Words& words, std::uint32_t i) noexcept {
  using Stored = typename Element::Stored;
  constexpr std::uint32_t kInWord = sizeof(std::uint32_t) / sizeof(Stored);
  const std::uint32_t bits = words.w[i / kInWord] >> 32 / kInWord * (i % kInWord);
  if constexpr (std::is_same_v<Stored, float>) {
    return Element::widen(float_of_bits(bits));
  } else {
    return Element::widen(static_cast<Stored>(bits));
  }
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
  using Element = CodeElement<kCode>;
  for (std::uint32_t i = 0; i < kInWords<Element>; ++i) {
    sum += element_of<Element>(a, i) * element_of<Element>(b, i);
  }
  return sum;
}

}  // namespace kleio::cuda
