#include "cuda/request/target_encoding.h"

#include <algorithm>
#include <cmath>
#include <cstring>
#include <limits>

#include "core/norm_range.h"
#include "core/quantise.h"
#include "core/score.h"
#include "cuda/residency/scaled_codes.h"

namespace kleio::cuda {
namespace {

constexpr double kRounding = 1e-6;  // relative to N; twelve float32 roundings are 7.2e-7
constexpr std::size_t kPiece = 16;  // bytes a lane reads at once
static_assert(kPiece == kCodesAtOnce * sizeof(std::uint16_t));

std::size_t value_row(const TableEncoding& encoding) noexcept {
  return has_exact_codes(encoding.dtype) ? 0 : target_row_values(encoding.dim);
}

// The bound of min_score in estimates: no row whose canonical score reaches it falls below.
float threshold_for(float score, double estimate_per_score) noexcept {
  const double estimate = static_cast<double>(score) * estimate_per_score;
  const double bound = estimate - std::fabs(estimate) * kRounding;
  if (!(bound >= -static_cast<double>(kMaxScore))) {
    return -std::numeric_limits<float>::infinity();
  }
  return bound > static_cast<double>(kMaxScore) ? std::numeric_limits<float>::infinity()
                                                : static_cast<float>(bound);
}

// Where piece p of target g of a tile goes: lane 4g + p % 4 reads it with chunk p / 4
// (cuda/kernels/search_params.h).
std::byte* piece_at(std::byte* tile, std::size_t g, std::size_t p) noexcept {
  return tile + (p / 4 * 32 + 4 * g + p % 4) * kPiece;
}

void clear_pieces(std::byte* tile, std::size_t g, std::size_t first, std::size_t end) noexcept {
  for (std::size_t p = first; p < end; ++p) std::memset(piece_at(tile, g, p), 0, kPiece);
}

// Canonical squared norms of a tile of rows: each sum in ascending order, all of them side by side,
// because an addition waits for the one before it.
std::array<double, kTileTargets> norms_sq_of(const float* values, std::size_t stride,
                                             std::size_t dim) noexcept {
  std::array<double, kTileTargets> sums{};
  for (std::size_t d = 0; d < dim; ++d) {
    for (std::size_t g = 0; g < kTileTargets; ++g) {
      const double value = values[g * stride + d];
      sums[g] += value * value;
    }
  }
  return sums;
}

}  // namespace

std::size_t target_code_bytes(const TableEncoding& encoding, std::uint32_t count) noexcept {
  return std::size_t{count} * encoding.code_row_bytes;
}

std::size_t target_value_bytes(const TableEncoding& encoding, std::uint32_t count) noexcept {
  return std::size_t{count} * value_row(encoding) * sizeof(float);
}

void TargetEncoder::encode(const TargetTile& targets, std::uint32_t tile,
                           const TargetArrays& out) const noexcept {
  const std::size_t first = std::size_t{tile} * kTileTargets;
  TargetRecord* const records = out.records + first;
  std::byte* const codes = out.codes + first * encoding_.code_row_bytes;
  for (std::uint32_t g = 0; g < kTileTargets; ++g) {
    records[g] = TargetRecord{};
    records[g].history = targets.history;
    const std::uint32_t output =
        g < targets.count ? targets.first_output + g : targets.first_spare + (g - targets.count);
    if (output < targets.rows) records[g].output = output;
  }
  if (has_exact_codes(encoding_.dtype)) {
    for (std::uint32_t g = 0; g < kTileTargets; ++g) {
      write_int8(targets.embeddings[g], g, codes, records[g]);
    }
  } else {
    write_floats(targets, out.values + first * value_row(encoding_), codes, records);
  }
}

void TargetEncoder::write_int8(const std::byte* embedding, std::size_t g, std::byte* codes,
                               TargetRecord& record) const noexcept {
  const std::size_t pieces = encoding_.code_row_bytes / kPiece;
  if (embedding == nullptr) return clear_pieces(codes, g, 0, pieces);
  const std::size_t whole = encoding_.dim / kPiece;
  for (std::size_t p = 0; p < whole; ++p) {
    std::memcpy(piece_at(codes, g, p), embedding + p * kPiece, kPiece);
  }
  clear_pieces(codes, g, whole, pieces);
  if (const std::size_t rest = encoding_.dim % kPiece; rest > 0) {
    std::memcpy(piece_at(codes, g, whole), embedding + whole * kPiece, rest);
  }
  const auto* values = reinterpret_cast<const std::int8_t*>(embedding);
  record.norm_sq = exact_dot(values, values, encoding_.dim);
  if (record.norm_sq > 0) bound(record, {});
}

void TargetEncoder::write_floats(const TargetTile& targets, float* values, std::byte* codes,
                                 TargetRecord* records) const noexcept {
  const std::size_t stride = value_row(encoding_);
  for (std::size_t g = 0; g < kTileTargets; ++g) {
    const std::span<float> row(values + g * stride, stride);
    const std::size_t present = targets.embeddings[g] == nullptr ? 0 : encoding_.dim;
    if (present > 0) widen(targets.embeddings[g], encoding_.dtype, row.first(present));
    std::ranges::fill(row.subspan(present), 0.0f);
  }
  const auto norms_sq = norms_sq_of(values, stride, encoding_.dim);
  for (std::size_t g = 0; g < kTileTargets; ++g) {
    const Loss loss = write_codes({values + g * stride, stride}, g, codes);
    records[g].norm_sq = norms_sq[g];
    if (norms_sq[g] > 0) bound(records[g], loss);
  }
}

TargetEncoder::Loss TargetEncoder::write_codes(std::span<const float> values, std::size_t g,
                                               std::byte* codes) const noexcept {
  const CodeScale scale(values, encoding_.code_type);
  std::array<std::uint16_t, round_up_to(kMaxDim, kCodesAtOnce)> row;
  const double residual = scale.encode(values, row.data());
  const std::size_t pieces = values.size() / kCodesAtOnce;
  for (std::size_t p = 0; p < pieces; ++p) {
    std::memcpy(piece_at(codes, g, p), row.data() + p * kCodesAtOnce, kPiece);
  }
  clear_pieces(codes, g, pieces, encoding_.code_row_bytes / kPiece);
  return {scale.scale(), residual};
}

// Margin and thresholds of cuda/request/target_encoding.h.
void TargetEncoder::bound(TargetRecord& record, const Loss& loss) const noexcept {
  constexpr double kInfinity = std::numeric_limits<double>::infinity();
  const double norm = std::sqrt(record.norm_sq);
  const double per_dot = 1 / loss.scale;  // exact, of a power of two
  const double norm_in_codes = norm * per_dot;
  const bool normalised = traits_of(unit_).normalised;
  const double per_score = normalised ? norm_in_codes : per_dot;
  double margin = kRounding;
  if (!has_exact_codes(encoding_.dtype)) {
    const double lost = loss.residual / norm * (1 + kRounding);
    const double row_lost = bounds_.residual;
    margin += row_lost + (1 + row_lost) * lost +
              accumulation_error(encoding_.dim) * (1 + row_lost) * (1 + lost);
    const bool bounded = normalised || (bounds_.inner_products_bounded && is_bounded_norm(norm));
    if (!bounded) margin = kInfinity;
  } else if (!normalised) {
    margin = 0;
  }
  record.margin =
      margin == kInfinity ? static_cast<float>(kInfinity) : round_up(margin * norm_in_codes);
  record.estimate_per_score = margin == kInfinity ? 0.0f : static_cast<float>(per_score);
  record.first_threshold = threshold_for(min_score_, per_score);
}

}  // namespace kleio::cuda
