#include "cuda/residency/table_encoding.h"

#include <algorithm>
#include <cmath>
#include <cstring>
#include <limits>
#include <span>
#include <vector>

#include "core/norm_range.h"
#include "core/quantise.h"
#include "core/score.h"
#include "cuda/residency/scaled_codes.h"

namespace kleio::cuda {
namespace {

// A relative 1e-6 covers what float64 lost in computing a residual and a norm.
constexpr double kFloat64Slack = 1e-6;

constexpr float kNotANumber = std::numeric_limits<float>::quiet_NaN();

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

// `widened` has room for whole groups of kCodesAtOnce values, zeros behind the row.
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
  const auto values = widened.first(rows.dim);
  widen(rows.row(row), rows.dtype, values);
  for (const float value : values) encoded.norm_sq += static_cast<double>(value) * value;
  if (encoding.codes_are_values) {
    std::memcpy(codes, rows.row(row), rows.row_stride_bytes());
    return encoded;
  }
  const CodeScale scale(values, encoding.code_type);
  encoded.residual = scale.encode(widened, reinterpret_cast<std::uint16_t*>(codes));
  encoded.scale = scale.scale();
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
  if (!is_bounded_norm(norm)) bounds.inner_products_bounded = false;
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
  std::vector<float> widened(round_up_to(encoding.dim, kCodesAtOnce));
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

}  // namespace kleio::cuda
