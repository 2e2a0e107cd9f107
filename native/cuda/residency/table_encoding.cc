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

// Of elements that are scaled.
constexpr CodeType kScaledCode = CodeType::kFloat16;

constexpr float kNotANumber = std::numeric_limits<float>::quiet_NaN();

template <typename Element>
bool are_plain_elements(const MatrixView& rows) noexcept {
  constexpr Magnitudes kPlain = Element::kPlain;
  if (Element::kExactCodes) return true;
  if (kPlain.least > kPlain.most) return false;
  const std::size_t elements = rows.rows * rows.dim;
  for (std::size_t i = 0; i < elements; ++i) {
    const float magnitude = std::fabs(load_element<Element>(rows.values, i));
    if (magnitude != 0 && !(magnitude >= kPlain.least && magnitude <= kPlain.most)) return false;
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
  if (has_exact_codes(encoding.dtype)) {
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

bool are_plain(const MatrixView& rows) noexcept {
  return with_element(rows.dtype,
                      [&]<typename Element>() { return are_plain_elements<Element>(rows); });
}

TableEncoding encoding_of(Dtype dtype, std::size_t dim, bool plain) noexcept {
  TableEncoding encoding;
  encoding.dtype = dtype;
  encoding.dim = static_cast<std::uint32_t>(dim);
  encoding.codes_are_values = plain;
  encoding.code_type =
      plain ? with_element(dtype, []<typename Element>() { return Element::kCode; }) : kScaledCode;
  encoding.code_row_bytes = code_row_bytes(encoding.code_type, encoding.dim);
  encoding.value_row_bytes =
      encoding.codes_are_values
          ? encoding.code_row_bytes
          : round_up_to(static_cast<std::uint32_t>(dim * size_of(dtype)), kValueAlignment);
  return encoding;
}

TableEncoding choose_encoding(const MatrixView& rows) noexcept {
  return encoding_of(rows.dtype, rows.dim, are_plain(rows));
}

void encode_rows(const MatrixView& rows, std::size_t first, std::size_t count,
                 const TableEncoding& encoding, const EncodedRows& out, TableBounds& bounds) {
  std::vector<float> widened(round_up_to(encoding.dim, kCodesAtOnce));
  for (std::size_t i = 0; i < count; ++i) {
    std::byte* codes = out.codes + i * encoding.code_row_bytes;
    const EncodedRow encoded = encode_row(rows, first + i, encoding, codes, widened);
    write_factors(encoded, i, out, bounds, has_exact_codes(encoding.dtype));
    if (encoding.codes_are_values) continue;
    std::byte* values = out.values + i * encoding.value_row_bytes;
    std::fill_n(values, encoding.value_row_bytes, std::byte{0});
    std::memcpy(values, rows.row(first + i), rows.row_stride_bytes());
  }
}

}  // namespace kleio::cuda
