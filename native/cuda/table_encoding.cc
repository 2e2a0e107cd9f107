#include "cuda/table_encoding.h"

#include <algorithm>
#include <cmath>
#include <cstring>
#include <limits>
#include <span>
#include <vector>

#include "core/quantise.h"
#include "core/score.h"

namespace kleio::cuda {
namespace {

// A relative 1e-6 covers what float64 lost in computing a residual and a norm.
constexpr double kFloat64Slack = 1e-6;

constexpr double kLeastCode = 0x1p-26;  // 2^-40 of the largest

constexpr float kNotANumber = std::numeric_limits<float>::quiet_NaN();

// Nearest binary16, ties to even, of a value below 65520 in magnitude; subnormals become 0.
std::uint16_t half_of(float value) noexcept {
  const std::uint32_t bits = float_bits(value);
  const std::uint32_t sign = bits >> 16 & 0x8000u;
  std::uint32_t magnitude = bits & 0x7fffffffu;
  magnitude += 0x0fffu + (magnitude >> 13 & 1u);  // rounds the 13 bits that go
  if (magnitude < 113u << 23) return static_cast<std::uint16_t>(sign);
  return static_cast<std::uint16_t>(sign | (magnitude - (112u << 23)) >> 13);
}

// Nearest bfloat16, ties to even; exact for what was one before it was scaled.
std::uint16_t bfloat16_of(float value) noexcept {
  const std::uint32_t bits = float_bits(value);
  return static_cast<std::uint16_t>((bits + 0x7fffu + (bits >> 16 & 1u)) >> 16);
}

// Whether the tensor cores can multiply the stored element as it is.
bool is_plain(float value, Dtype dtype) noexcept {
  const float magnitude = std::fabs(value);
  if (magnitude == 0) return true;
  return dtype == Dtype::kFloat16 ? magnitude >= 0x1p-14f
                                  : magnitude >= 0x1p-60f && magnitude <= 0x1p60f;
}

bool is_plain_table(const MatrixView& rows) noexcept {
  const std::size_t elements = rows.rows * rows.dim;
  for (std::size_t i = 0; i < elements; ++i) {
    if (!is_plain(load_float(rows.values, rows.dtype, i), rows.dtype)) return false;
  }
  return true;
}

struct EncodedRow {
  double scale = 1;
  double residual = 0;
  double norm_sq = 0;
};

EncodedRow encode_row(const MatrixView& rows, std::size_t row, const TableEncoding& encoding,
                      std::byte* codes, std::span<float> widened) noexcept {
  std::fill_n(codes, encoding.code_row_bytes, std::byte{0});
  EncodedRow encoded;
  if (encoding.dtype == Dtype::kInt8) {
    std::memcpy(codes, rows.row(row), rows.dim);
    const auto* values = reinterpret_cast<const std::int8_t*>(codes);
    encoded.norm_sq = exact_dot(values, values, rows.dim);
    return encoded;
  }
  widen(rows.row(row), rows.dtype, widened);
  for (const float value : widened) encoded.norm_sq += static_cast<double>(value) * value;
  if (encoding.codes_are_values) {
    std::memcpy(codes, rows.row(row), rows.row_stride_bytes());
    return encoded;
  }
  const ScaledCodes scaled = encode_scaled(widened.data(), encoding.dim, encoding.code_type,
                                           reinterpret_cast<std::uint16_t*>(codes));
  encoded.scale = std::ldexp(1.0, scaled.exponent);
  encoded.residual = scaled.residual;
  return encoded;
}

void write_factors(const EncodedRow& encoded, std::size_t place, const EncodedRows& out,
                   TableBounds& bounds, bool exact) noexcept {
  const double norm = std::sqrt(encoded.norm_sq);
  const bool zero = encoded.norm_sq == 0;
  out.norms_sq[place] = encoded.norm_sq;
  out.norms[place] = round_up(norm * (1 + 1e-12));
  out.cosine_factors[place] = zero ? kNotANumber : static_cast<float>(encoded.scale / norm);
  out.dot_factors[place] = zero ? kNotANumber : static_cast<float>(encoded.scale);
  if (zero || exact) return;
  const double residual = encoded.residual / norm * (1 + kFloat64Slack);
  bounds.residual = std::max(bounds.residual, round_up(residual));
  if (norm < 1e-15 || norm > 1e15) bounds.inner_products_bounded = false;
}

}  // namespace

TableEncoding choose_encoding(const MatrixView& rows) noexcept {
  TableEncoding encoding;
  encoding.dtype = rows.dtype;
  encoding.dim = static_cast<std::uint32_t>(rows.dim);
  encoding.codes_are_values =
      rows.dtype == Dtype::kInt8 || (rows.dtype != Dtype::kFloat32 && is_plain_table(rows));
  if (rows.dtype == Dtype::kInt8) {
    encoding.code_type = CodeType::kInt8;
  } else {
    encoding.code_type = rows.dtype == Dtype::kBfloat16 && encoding.codes_are_values
                             ? CodeType::kBfloat16
                             : CodeType::kFloat16;
  }
  encoding.code_row_bytes = code_row_bytes(encoding.code_type, encoding.dim);
  encoding.value_row_bytes =
      encoding.codes_are_values
          ? encoding.code_row_bytes
          : round_up_to(static_cast<std::uint32_t>(rows.row_stride_bytes()), kValueAlignment);
  return encoding;
}

void encode_rows(const MatrixView& rows, std::size_t first, std::size_t count,
                 const TableEncoding& encoding, const EncodedRows& out, TableBounds& bounds) {
  std::vector<float> widened(rows.dim);
  for (std::size_t i = 0; i < count; ++i) {
    std::byte* codes = out.codes + i * encoding.code_row_bytes;
    const EncodedRow encoded = encode_row(rows, first + i, encoding, codes, widened);
    write_factors(encoded, i, out, bounds, encoding.dtype == Dtype::kInt8);
    if (encoding.codes_are_values) continue;
    std::byte* values = out.values + i * encoding.value_row_bytes;
    std::fill_n(values, encoding.value_row_bytes, std::byte{0});
    std::memcpy(values, rows.row(first + i), rows.row_stride_bytes());
  }
}

ScaledCodes encode_scaled(const float* values, std::uint32_t dim, CodeType type,
                          std::uint16_t* codes) noexcept {
  float largest = 0;
  for (std::uint32_t d = 0; d < dim; ++d) largest = std::max(largest, std::fabs(values[d]));
  ScaledCodes scaled;
  if (largest == 0) {
    std::fill_n(codes, dim, std::uint16_t{0});
    return scaled;
  }
  scaled.exponent = std::ilogb(largest) - 14;
  double residual_sq = 0;
  for (std::uint32_t d = 0; d < dim; ++d) {
    const double ratio = std::ldexp(static_cast<double>(values[d]), -scaled.exponent);
    // A bfloat16 code this small would be lost in any sum, and a product of two might be subnormal.
    const float code = std::fabs(ratio) < kLeastCode ? 0.0f : static_cast<float>(ratio);
    codes[d] = type == CodeType::kBfloat16 ? bfloat16_of(code) : half_of(code);
    const float read =
        type == CodeType::kBfloat16 ? float_from_bfloat16(codes[d]) : float_from_half(codes[d]);
    const double lost = values[d] - std::ldexp(static_cast<double>(read), scaled.exponent);
    residual_sq += lost * lost;
  }
  scaled.residual = std::sqrt(residual_sq);
  return scaled;
}

}  // namespace kleio::cuda
