// Targets in the form the scan and the canonical rescoring read, without those that can keep
// nothing (absent or zero embeddings).
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "core/rows_view.h"
#include "core/search.h"
#include "cpu/scan/scan_kernels.h"
#include "cpu/simd/aligned_buffer.h"

namespace kleio {

class PreparedTargets {
 public:
  // Storage is reused from call to call.
  void prepare(const Targets& targets, const RowsView& table, const SearchOptions& options,
               const CpuKernels& kernels);

  std::size_t count() const noexcept { return output_row_.size(); }
  TargetTile tile(std::size_t first, std::size_t count) const noexcept;
  std::size_t output_row(std::size_t target) const noexcept { return output_row_[target]; }
  double norm_sq(std::size_t target) const noexcept { return norm_sq_[target]; }
  // False where float32 bounds of this target's inner products could overflow or vanish.
  bool bounded(std::size_t target) const noexcept { return bounded_[target]; }
  // Where the scan of this target starts: what minScore already certifies.
  float first_threshold(std::size_t target) const noexcept { return first_threshold_[target]; }
  // Exact codes: what rounding can move an estimate against the canonical score.
  const float* tolerances(std::size_t first) const noexcept { return margin_.data() + first; }
  // A threshold for estimates that no row whose canonical score reaches `score` falls below.
  float threshold_for(std::size_t target, float score) const noexcept;
  // Float dtypes: the target's values, dim of them.
  const double* values(std::size_t target) const noexcept { return &values_[target * dim_]; }

 private:
  void add(std::size_t output_row, const std::byte* embedding, const CpuKernels& kernels);

  Unit unit_ = Unit::kCosine;
  Dtype dtype_ = Dtype::kInt8;
  std::size_t dim_ = 0;
  std::size_t stride_bytes_ = 0;
  std::vector<std::byte> packed_;
  std::vector<std::int32_t> bias_;
  std::vector<float> slack_;
  std::vector<float> margin_;
  std::vector<double> estimate_per_score_;
  std::vector<double> norm_sq_;
  std::vector<bool> bounded_;
  std::vector<float> first_threshold_;
  std::vector<double> values_;
  std::vector<std::size_t> output_row_;
  std::vector<std::int8_t> codes_;  // one target, while it is prepared
  std::vector<float> widened_;
};

}  // namespace kleio
