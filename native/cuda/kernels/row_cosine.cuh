// The canonical cosine (core/score.h) of two rows of a resident table, by one thread: what SimTier
// counts for behaviours that no scan has scored.
//
// Rows are read 16 bytes at a time; their padding is zero, which changes no sum.
#pragma once

#include <cstddef>
#include <cstdint>

#include "core/dtype.h"
#include "core/score.h"
#include "cuda/kernels/execution.h"
#include "cuda/kernels/search_params.h"
#include "cuda/kernels/words.cuh"

namespace kleio::cuda {

template <typename Block>
KLEIO_KERNEL_CODE std::int32_t exact_dot_of_rows(const std::byte* a, const std::byte* b,
                                                 std::uint32_t bytes) {
  std::int32_t sum = 0;
  for (std::uint32_t at = 0; at < bytes; at += sizeof(Words)) {
    sum = dot_of_codes(Block::load(a + at), Block::load(b + at), sum);
  }
  return sum;
}

template <typename Block, typename Element>
KLEIO_KERNEL_CODE double dot_of_float_rows(const std::byte* a, const std::byte* b,
                                           std::uint32_t bytes) {
  double sum = 0;
  for (std::uint32_t at = 0; at < bytes; at += sizeof(Words)) {
    const Words x = Block::load(a + at);
    const Words y = Block::load(b + at);
    KLEIO_UNROLL for (std::uint32_t i = 0; i < kInWords<Element>; ++i) {
      sum += static_cast<double>(element_of<Element>(x, i)) *
             static_cast<double>(element_of<Element>(y, i));
    }
  }
  return sum;
}

template <typename Block>
KLEIO_KERNEL_CODE double canonical_dot_of_rows(const TableParams& table, std::int32_t a,
                                               std::int32_t b) {
  const std::byte* x = table.values + static_cast<std::size_t>(a) * table.value_row_bytes;
  const std::byte* y = table.values + static_cast<std::size_t>(b) * table.value_row_bytes;
  return with_element(table.dtype, [&]<typename Element>() -> double {
    const std::uint32_t bytes = bytes_in_words<Element>(table.dim);
    if constexpr (Element::kExactCodes) {
      return exact_dot_of_rows<Block>(x, y, bytes);
    } else {
      return dot_of_float_rows<Block, Element>(x, y, bytes);
    }
  });
}

// 0 where either is missing (-1) or has no direction, as in the release.
template <typename Block>
KLEIO_KERNEL_CODE float similarity_of_rows(const TableParams& table, std::int32_t a,
                                           std::int32_t b) {
  if (a < 0 || b < 0) return 0;
  const double norm_a = table.norms_sq[a];
  const double norm_b = table.norms_sq[b];
  if (norm_a == 0 || norm_b == 0) return 0;
  return canonical_cosine(canonical_dot_of_rows<Block>(table, a, b), norm_a, norm_b);
}

}  // namespace kleio::cuda
