// The canonical cosine (core/score.h) of two rows of a resident table, by one thread: what SimTier
// counts for behaviours that no scan has scored.
#pragma once

#include <cstddef>
#include <cstdint>

#include "core/dtype.h"
#include "core/score.h"
#include "cuda/execution.h"
#include "cuda/search_params.h"

namespace kleio::cuda {

KLEIO_KERNEL_CODE double canonical_row_dot(const TableParams& table, std::int32_t a,
                                           std::int32_t b) {
  const std::byte* row_a = table.values + static_cast<std::size_t>(a) * table.value_row_bytes;
  const std::byte* row_b = table.values + static_cast<std::size_t>(b) * table.value_row_bytes;
  if (table.dtype == Dtype::kInt8) {
    return exact_dot(reinterpret_cast<const std::int8_t*>(row_a),
                     reinterpret_cast<const std::int8_t*>(row_b), table.dim);
  }
  double dot = 0;
  for (std::uint32_t d = 0; d < table.dim; ++d) {
    const double x = load_float(row_a, table.dtype, d);
    const double y = load_float(row_b, table.dtype, d);
    dot += x * y;
  }
  return dot;
}

// 0 where either is missing (-1) or has no direction, as in the release.
KLEIO_KERNEL_CODE float similarity_of_rows(const TableParams& table, std::int32_t a,
                                           std::int32_t b) {
  if (a < 0 || b < 0) return 0;
  const double norm_a = table.norms_sq[a];
  const double norm_b = table.norms_sq[b];
  if (norm_a == 0 || norm_b == 0) return 0;
  return canonical_cosine(canonical_row_dot(table, a, b), norm_a, norm_b);
}

}  // namespace kleio::cuda
