#include "cpu/scan/prepared_targets.h"

#include <cmath>
#include <limits>

#include "core/norm_range.h"
#include "core/quantise.h"
#include "core/score.h"

namespace kleio {
namespace {

// Relative to |x||q|: several times what the float32 roundings of an estimate, of its scale and of
// a canonical score add up to (each at most 2^-24, six of them).
constexpr double kRounding = 1e-6;

}  // namespace

void PreparedTargets::prepare(const Targets& targets, const RowsView& table,
                              const SearchOptions& options, const CpuKernels& kernels) {
  unit_ = options.unit;
  dtype_ = table.dtype;
  dim_ = table.dim;
  stride_bytes_ = groups_of(dim_) * kernels.target_group_bytes;
  codes_.resize(dim_);
  widened_.resize(dim_);
  packed_.clear();
  for (auto* column : {&slack_, &margin_, &first_threshold_}) column->clear();
  for (auto* column : {&estimate_per_score_, &norm_sq_, &values_}) column->clear();
  bias_.clear();
  bounded_.clear();
  output_row_.clear();

  const bool by_row = targets.embeddings.empty();
  for (std::size_t t = 0; t < targets.count; ++t) {
    if (by_row && targets.rows[t] < 0) continue;
    add(t,
        by_row ? table.row(static_cast<std::size_t>(targets.rows[t]))
               : targets.embeddings.data() + t * table.row_bytes,
        kernels);
  }
  for (std::size_t t = 0; t < count(); ++t) {
    first_threshold_.push_back(threshold_for(t, options.min_score));
  }
}

void PreparedTargets::add(std::size_t output_row, const std::byte* embedding,
                          const CpuKernels& kernels) {
  const bool exact = has_exact_codes(dtype_);
  const QuantisedRow quantised = encode_row(embedding, dtype_, widened_, codes_);
  if (quantised.norm_sq == 0) return;

  const double norm = std::sqrt(quantised.norm_sq);
  const double norm_in_codes = norm / quantised.scale;
  const double lost = quantised.residual / norm * (1 + kRounding);
  std::int32_t sum = 0;
  for (const std::int8_t code : codes_) sum += code;

  const std::size_t offset = packed_.size();
  packed_.resize(offset + stride_bytes_);
  kernels.pack_target(codes_, packed_.data() + offset);
  bias_.push_back(-128 * sum);
  slack_.push_back(exact ? 0 : round_up((1 + lost) * norm_in_codes));
  // An exact inner product is the canonical score itself: nothing rounds differently.
  const bool rounds = !exact || traits_of(unit_).normalised;
  margin_.push_back(rounds ? round_up((lost + kRounding) * norm_in_codes) : 0);
  estimate_per_score_.push_back(traits_of(unit_).normalised ? norm_in_codes : 1 / quantised.scale);
  norm_sq_.push_back(quantised.norm_sq);
  bounded_.push_back(exact || traits_of(unit_).normalised || is_bounded_norm(norm));
  if (!exact) values_.insert(values_.end(), widened_.begin(), widened_.end());
  output_row_.push_back(output_row);
}

TargetTile PreparedTargets::tile(std::size_t first, std::size_t count) const noexcept {
  return {.codes = packed_.data() + first * stride_bytes_,
          .stride_bytes = stride_bytes_,
          .bias = bias_.data() + first,
          .slack = slack_.data() + first,
          .margin = margin_.data() + first,
          .count = count,
          .groups = groups_of(dim_)};
}

float PreparedTargets::threshold_for(std::size_t target, float score) const noexcept {
  const double estimate = static_cast<double>(score) * estimate_per_score_[target];
  const bool exact = has_exact_codes(dtype_);
  if (exact && !traits_of(unit_).normalised) return score;
  // The rounding of `score` itself and of this product, twice over.
  double bound = estimate - std::fabs(estimate) * kRounding;
  if (exact) bound -= 2.0 * static_cast<double>(margin_[target]);
  constexpr float kInfinity = std::numeric_limits<float>::infinity();
  if (bound > static_cast<double>(kMaxScore)) return kInfinity;
  if (!(bound >= -static_cast<double>(kMaxScore))) return -kInfinity;
  return static_cast<float>(bound);
}

}  // namespace kleio
