// A row-major matrix of embeddings that somebody else owns.
#pragma once

#include <cassert>
#include <cstddef>

#include "core/dtype.h"

namespace kleio {

inline constexpr std::size_t kMaxDim = 4096;
inline constexpr std::size_t kMaxRows = 0x7ffffffe;  // rows and positions are int32, -1 is "none"

struct MatrixView {
  const std::byte* values = nullptr;  // any alignment
  std::size_t rows = 0;
  std::size_t dim = 0;
  Dtype dtype = Dtype::kInt8;

  std::size_t row_stride_bytes() const noexcept { return dim * size_of(dtype); }
  std::size_t byte_size() const noexcept { return rows * row_stride_bytes(); }
  const std::byte* row(std::size_t index) const noexcept {
    assert(index < rows);
    return values + index * row_stride_bytes();
  }
};

}  // namespace kleio
