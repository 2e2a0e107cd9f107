#include "cuda/target_encoding.h"

#include <algorithm>
#include <cmath>
#include <cstring>
#include <limits>

#include "core/quantise.h"
#include "core/score.h"

namespace kleio::cuda {
namespace {

constexpr double kRounding = 1e-6;  // relative to N; twelve float32 roundings are 7.2e-7
constexpr std::size_t kPiece = 16;  // bytes a lane reads at once

std::size_t value_row(const TableEncoding& encoding) noexcept {
  return encoding.dtype == Dtype::kInt8 ? 0 : round_up_to(encoding.dim, 8);
}

// The bound of min_score in estimates: no row whose canonical score reaches it falls below.
float threshold_for(float score, double estimate_per_score) noexcept {
  const double estimate = static_cast<double>(score) * estimate_per_score;
  const double bound = estimate - std::fabs(estimate) * kRounding;
  if (!(bound >= -static_cast<double>(kLargestScore))) {
    return -std::numeric_limits<float>::infinity();
  }
  return bound > static_cast<double>(kLargestScore) ? std::numeric_limits<float>::infinity()
                                                    : static_cast<float>(bound);
}

}  // namespace

std::size_t target_code_bytes(const TableEncoding& encoding, std::uint32_t count) noexcept {
  return std::size_t{count} * encoding.code_row_bytes;
}

std::size_t target_value_bytes(const TableEncoding& encoding, std::uint32_t count) noexcept {
  return std::size_t{count} * value_row(encoding) * sizeof(float);
}

TargetEncoder::TargetEncoder(const TableEncoding& encoding, const TableBounds& bounds, Unit unit,
                             float min_score)
    : encoding_(encoding),
      bounds_(bounds),
      unit_(unit),
      min_score_(min_score),
      codes_(encoding.code_row_bytes),
      widened_(encoding.dim) {}

void TargetEncoder::encode(const std::byte* embedding, std::uint32_t place, std::uint32_t history,
                           std::uint32_t output, const TargetArrays& out) {
  pad(place, history, out);
  TargetRecord& record = out.records[place];
  record.output = output;
  if (embedding == nullptr) return;

  double scale = 1;
  double residual = 0;
  std::fill(codes_.begin(), codes_.end(), std::byte{0});
  if (encoding_.dtype == Dtype::kInt8) {
    std::memcpy(codes_.data(), embedding, encoding_.dim);
    const auto* values = reinterpret_cast<const std::int8_t*>(codes_.data());
    record.norm_sq = exact_dot(values, values, encoding_.dim);
  } else {
    widen(embedding, encoding_.dtype, widened_);
    for (const float value : widened_) record.norm_sq += static_cast<double>(value) * value;
    const ScaledCodes scaled = encode_scaled(widened_.data(), encoding_.dim, encoding_.code_type,
                                             reinterpret_cast<std::uint16_t*>(codes_.data()));
    scale = std::ldexp(1.0, scaled.exponent);
    residual = scaled.residual;
    std::copy(widened_.begin(), widened_.end(), out.values + place * value_row(encoding_));
  }
  if (record.norm_sq == 0) return;
  write_codes(place, out.codes);
  bound(record, scale, residual);
}

// Margin and thresholds of cuda/target_encoding.h.
void TargetEncoder::bound(TargetRecord& record, double scale, double residual) const noexcept {
  constexpr double kInfinity = std::numeric_limits<double>::infinity();
  const double norm = std::sqrt(record.norm_sq);
  const double norm_in_codes = norm / scale;
  const double per_score = unit_ == Unit::kCosine ? norm_in_codes : 1 / scale;
  double margin = kRounding;
  if (encoding_.dtype != Dtype::kInt8) {
    const double lost = residual / norm * (1 + kRounding);
    const double row_lost = bounds_.residual;
    margin += row_lost + (1 + row_lost) * lost +
              accumulation_error(encoding_.dim) * (1 + row_lost) * (1 + lost);
    const bool bounded =
        unit_ == Unit::kCosine || (bounds_.inner_products_bounded && norm >= 1e-15 && norm <= 1e15);
    if (!bounded) margin = kInfinity;
  } else if (unit_ == Unit::kDot) {
    margin = 0;
  }
  record.margin =
      margin == kInfinity ? static_cast<float>(kInfinity) : round_up(margin * norm_in_codes);
  record.estimate_per_score = margin == kInfinity ? 0.0f : static_cast<float>(per_score);
  record.first_threshold = threshold_for(min_score_, per_score);
}

void TargetEncoder::pad(std::uint32_t place, std::uint32_t history, const TargetArrays& out) {
  out.records[place] = TargetRecord{};
  out.records[place].history = history;
  std::fill(codes_.begin(), codes_.end(), std::byte{0});
  write_codes(place, out.codes);
  std::fill_n(out.values + place * value_row(encoding_), value_row(encoding_), 0.0f);
}

// Piece p of a row is read by lane 4g + p % 4 with chunk p / 4 (cuda/search_params.h).
void TargetEncoder::write_codes(std::uint32_t place, std::byte* tiles) const noexcept {
  std::byte* tile = tiles + std::size_t{place / kTileTargets} * kTileTargets * codes_.size();
  const std::size_t g = place % kTileTargets;
  for (std::size_t p = 0; p < codes_.size() / kPiece; ++p) {
    const std::size_t lane = 4 * g + p % 4;
    std::memcpy(tile + (p / 4 * 32 + lane) * kPiece, codes_.data() + p * kPiece, kPiece);
  }
}

}  // namespace kleio::cuda
