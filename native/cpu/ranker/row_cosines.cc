#include "cpu/ranker/row_cosines.h"

#include <algorithm>

#include "core/quantise.h"
#include "core/score.h"

namespace kleio {
namespace {

const std::int8_t* int8_row(const Table& table, std::int32_t row) noexcept {
  return reinterpret_cast<const std::int8_t*>(table.row(static_cast<std::size_t>(row)));
}

}  // namespace

SimilarityRow similarity_row(const Table& table, std::int32_t row) {
  if (row < 0) return {};
  const RowsView& view = table.view();
  if (has_exact_codes(view.dtype)) {
    const std::int8_t* codes = int8_row(table, row);
    return {row, static_cast<double>(exact_dot(codes, codes, view.dim))};
  }
  const std::byte* elements = view.row(static_cast<std::size_t>(row));
  return with_element(view.dtype, [&]<typename Element>() -> SimilarityRow {
    double norm_sq = 0;
    for (std::size_t d = 0; d < view.dim; ++d) {
      const double value = load_element<Element>(elements, d);
      norm_sq += value * value;
    }
    return {row, norm_sq};
  });
}

Similarity::Similarity(const Table& table, const CpuKernels& kernels,
                       std::span<const SimilarityRow> others)
    : table_(table), kernels_(kernels), others_(others), dots_(others.size()) {
  const RowsView& view = table.view();
  if (has_exact_codes(view.dtype)) return;
  widened_.assign(others.size() * view.dim, 0.0f);
  for (std::size_t i = 0; i < others.size(); ++i) {
    const std::span<float> row(widened_.data() + i * view.dim, view.dim);
    if (others[i].row >= 0)
      widen(view.row(static_cast<std::size_t>(others[i].row)), view.dtype, row);
    rows_.push_back(row.data());
  }
  target_row_.resize(view.dim);
}

void Similarity::cosines(const SimilarityRow& target, float* cosines) {
  const RowsView& view = table_.view();
  const bool exact = has_exact_codes(view.dtype);
  if (target.norm_sq == 0) {
    std::fill_n(cosines, others_.size(), 0.0f);
    return;
  }
  if (!exact) {
    widen(view.row(static_cast<std::size_t>(target.row)), view.dtype, target_row_);
    target_.assign(target_row_.begin(), target_row_.end());
    kernels_.canonical_dots(target_.data(), rows_.data(), rows_.size(), view.dim, dots_.data());
  }
  for (std::size_t i = 0; i < others_.size(); ++i) {
    const SimilarityRow& other = others_[i];
    if (other.norm_sq == 0) {
      cosines[i] = 0;
      continue;
    }
    const double dot =
        exact ? exact_dot(int8_row(table_, target.row), int8_row(table_, other.row), view.dim)
              : dots_[i];
    cosines[i] = canonical_cosine(dot, target.norm_sq, other.norm_sq);
  }
}

}  // namespace kleio
