// Embeddings by row number, wherever the rows lie: those that a table was made with side by side,
// those appended to it since in blocks of their own. A view reads whatever row its table has.
#pragma once

#include <cassert>
#include <cstddef>

#include "core/dtype.h"
#include "core/later_rows.h"
#include "core/matrix_view.h"

namespace kleio {

class RowsView {
 public:
  // A plain matrix has no later rows.
  RowsView(const MatrixView& first, const LaterRows* later = nullptr) noexcept  // NOLINT: is one
      : dim(first.dim),
        dtype(first.dtype),
        row_bytes(first.row_stride_bytes()),
        first_(first.values),
        first_rows_(first.rows),
        later_(later) {}

  const std::byte* row(std::size_t index) const noexcept {
    if (index < first_rows_) [[likely]]
      return first_ + index * row_bytes;
    assert(later_ != nullptr);
    return later_->row(index - first_rows_);
  }
  // For a row that is read soon and lies anywhere. GCC drops calls of functions that do nothing but
  // prefetch, as without effect.
  __attribute__((always_inline)) void prefetch(std::size_t index) const noexcept {
    constexpr std::size_t kLineBytes = 64;
    const std::byte* const values = row(index);
    for (std::size_t byte = 0; byte < row_bytes; byte += kLineBytes) {
      __builtin_prefetch(values + byte);
    }
    __builtin_prefetch(values + row_bytes - 1);
  }
  // The rows from `begin` on that lie side by side: at least one of `begin` to `end`, exclusive.
  MatrixView side_by_side(std::size_t begin, std::size_t end) const noexcept {
    assert(begin < end);
    const std::size_t rows = begin < first_rows_
                                 ? (end < first_rows_ ? end : first_rows_) - begin
                                 : later_->side_by_side(begin - first_rows_, end - begin);
    return {row(begin), rows, dim, dtype};
  }

  std::size_t dim;
  Dtype dtype;
  std::size_t row_bytes;

 private:
  const std::byte* first_;
  std::size_t first_rows_;
  const LaterRows* later_;
};

}  // namespace kleio
