// Rows of a table in the form the device reads: codes for the tensor cores, stored values for the
// canonical score, factors and norms.
//
//   elements   codes                                                      residual |x - x^| / |x|
//   all plain  as stored (kPlain in core/dtype.h)                         0
//   others     float16 of x / 2^e, where 2^e brings max|x| to [2^14, 2^15)  <= 2^-11, if subnormal
//              codes, which hardware may read as 0, are stored as 0       codes are few
// The accumulator of a scan then neither overflows nor loses bits to underflow.
#pragma once

#include <cstddef>
#include <cstdint>

#include "core/matrix_view.h"
#include "cuda/kernels/search_params.h"

namespace kleio::cuda {

struct TableEncoding {
  Dtype dtype = Dtype::kInt8;
  CodeType code_type = CodeType::kInt8;
  bool codes_are_values = true;  // one array serves both
  std::uint32_t dim = 0;
  std::uint32_t code_row_bytes = 0;
  std::uint32_t value_row_bytes = 0;
};

// Whether the tensor cores can multiply every element as it is stored.
bool are_plain(const MatrixView& rows) noexcept;

// `plain`: whether that holds for all rows.
TableEncoding encoding_of(Dtype dtype, std::size_t dim, bool plain) noexcept;

// Of a matrix. Reads all rows where it depends on them.
TableEncoding choose_encoding(const MatrixView& rows) noexcept;

// Where `encode_rows` writes: arrays of `count` rows. `values` is null where codes are values.
struct EncodedRows {
  std::byte* codes = nullptr;   // [count][code_row_bytes]
  std::byte* values = nullptr;  // [count][value_row_bytes]
  float* cosine_factors = nullptr;
  float* dot_factors = nullptr;
  float* norms = nullptr;  // rounded up: TableParams::weights of float tables by inner product
  double* norms_sq = nullptr;
};

// What holds for every row encoded so far.
struct TableBounds {
  float residual = 0;                  // largest |x - x^| / |x|, rounded up
  bool inner_products_bounded = true;  // false: some norm is outside what float32 bounds cover
};

// Encodes rows first .. first + count - 1 and widens `bounds` by them.
void encode_rows(const MatrixView& rows, std::size_t first, std::size_t count,
                 const TableEncoding& encoding, const EncodedRows& out, TableBounds& bounds);

}  // namespace kleio::cuda
