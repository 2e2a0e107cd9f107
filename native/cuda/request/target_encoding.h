// Targets in the form the device reads, with the margin that makes the scan a certified filter.
//
// Let x be a row, x^ = s_x a its codes, q a target, q^ = s_q b its codes, acc the accumulator,
// f = s_x / |x| the row's factor, N = |q| / s_q. The scan's estimate of cos(x, q) N is acc f:
//   |<x^, q^> - <x, q>| <= |x - x^| |q| + |x^| |q - q^|             Cauchy-Schwarz, twice
//                       <= (r_x + (1 + r_x) r_q) |x| |q|            r: relative residuals
//   |acc - <a, b>|      <= g sum_d |a_d b_d| <= g |a| |b|           g = accumulation_error(dim)
//                       <= g (1 + r_x) (1 + r_q) |x| |q| / (s_x s_q)
// Divided by |x| s_q, and with the float32 roundings of f, of acc, of their product, of the
// canonical score, and of the sums and differences that the select forms of these (each at most
// 2^-24, twelve of them, relative to N):
//   margin = N (r_x + (1 + r_x) r_q + g (1 + r_x) (1 + r_q) + 1e-6)
// Inner products: the same with factor s_x and weight |x|. int8 codes have r = 0 and g = 0, and
// their inner product is the canonical score itself: margin 0.
//
// Accumulation. Products of two 16-bit floats are exact in float32. An mma.sync adds 16 of them and
// the accumulator, in an order and with a rounding that the PTX ISA leaves open. Either adder, of
// rounded pairs (error below 2^-23 of each partial sum, truncation included) or of terms aligned to
// the largest and cut to 24 bits (error below 17 * 2^-22 of it), errs by at most 18 * 2^-22 of
// the sum S = sum |a_d b_d| in each of the dim / 16 instructions:
//   g(dim) = (dim + 32) * 2^-21  >=  ceil(dim / 16) * 18 * 2^-22
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>

#include "core/search.h"
#include "cuda/kernels/search_params.h"
#include "cuda/residency/table_encoding.h"

namespace kleio::cuda {

constexpr double accumulation_error(std::uint32_t dim) noexcept {
  return (dim + 32.0) * 0x1p-21;
}

// Bytes of TargetParams::codes and ::values (0 for int8) for `count` targets, a multiple of
// kTileTargets.
std::size_t target_code_bytes(const TableEncoding& encoding, std::uint32_t count) noexcept;
std::size_t target_value_bytes(const TableEncoding& encoding, std::uint32_t count) noexcept;

// Where targets are written; every tile of the launch must be encoded.
struct TargetArrays {
  std::byte* codes = nullptr;
  float* values = nullptr;  // null for int8
  TargetRecord* records = nullptr;
};

// Neighbouring targets that share a tile.
struct TargetTile {
  // Of dim elements of the table's dtype; null: an absent target, which keeps nothing.
  std::array<const std::byte*, kTileTargets> embeddings{};
  std::uint32_t count = 0;  // places behind it only fill up the tile
  std::uint32_t history = 0;
  std::uint32_t first_output = 0;  // row of the results
  // Places behind `count` empty the rows from here on, those of them that there are.
  std::uint32_t first_spare = 0;
  std::uint32_t rows = 0;  // of the results
};

// Encodes tiles, from any thread.
class TargetEncoder {
 public:
  TargetEncoder(const TableEncoding& encoding, const TableBounds& bounds, Unit unit,
                float min_score)
      : encoding_(encoding), bounds_(bounds), unit_(unit), min_score_(min_score) {}

  void encode(const TargetTile& targets, std::uint32_t tile,
              const TargetArrays& out) const noexcept;

 private:
  // Of the code's scale and |q - q^|.
  struct Loss {
    double scale = 1;
    double residual = 0;
  };

  // Of target g of a tile, whose codes begin at `codes`.
  void write_int8(const std::byte* embedding, std::size_t g, std::byte* codes,
                  TargetRecord& record) const noexcept;
  void write_floats(const TargetTile& targets, float* values, std::byte* codes,
                    TargetRecord* records) const noexcept;
  Loss write_codes(std::span<const float> values, std::size_t g, std::byte* codes) const noexcept;
  void bound(TargetRecord& record, const Loss& loss) const noexcept;

  TableEncoding encoding_;
  TableBounds bounds_;
  Unit unit_;
  float min_score_;
};

}  // namespace kleio::cuda
