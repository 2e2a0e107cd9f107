#include "cuda/software/software_wgmma.h"

#include <stdexcept>

namespace kleio::cuda {
namespace {

using Codes = std::array<std::int8_t, kWgmmaDepth>;

void put_word(Codes& codes, std::uint32_t place, std::uint32_t word) {
  for (std::uint32_t byte = 0; byte < 4; ++byte) {
    codes[place + byte] = static_cast<std::int8_t>(word >> 8 * byte);
  }
}

std::int32_t dot(const Codes& a, const Codes& b) {
  std::int32_t sum = 0;
  for (std::size_t k = 0; k < a.size(); ++k) sum += a[k] * b[k];
  return sum;
}

// Bits [low, low + count).
std::uint32_t bits(std::uint64_t value, int low, int count) {
  return static_cast<std::uint32_t>(value >> low & ((std::uint64_t{1} << count) - 1));
}

}  // namespace

std::uint32_t wgmma_b_address(std::uint64_t descriptor, std::uint32_t column, std::uint32_t word) {
  const std::uint32_t start = bits(descriptor, 0, 14) << 4;
  const std::uint32_t stride = bits(descriptor, 32, 14) << 4;
  if (bits(descriptor, 62, 2) != 1) throw std::logic_error("another swizzle than of 128 bytes");
  if (bits(descriptor, 49, 3) != 0) throw std::logic_error("a descriptor with a base offset");
  if (start % 1024 >= 128) throw std::logic_error("a pattern that starts off its boundary");
  if (start % 128 % 32 != 0) throw std::logic_error("a start off the steps of k");
  // Lines of 128 bytes, in patterns of eight; then bits 7 to 9 of the address flip bits 4 to 6.
  const std::uint32_t plain = start + column / 8 * stride + column % 8 * 128 + 4 * word;
  return plain ^ (plain >> 7 & 7) << 4;
}

void multiply_wgmma(const WgmmaRegisters& a,
                    std::span<const std::array<std::uint32_t, kWgmmaWords>> b,
                    std::span<std::vector<std::int32_t>> sums) {
  std::array<Codes, kWgmmaRows> rows;
  for (std::uint32_t thread = 0; thread < kWarpgroupThreads; ++thread) {
    for (std::uint32_t i = 0; i < 4; ++i) {
      const MatrixPlace place = wgmma_a_place(thread, i);
      put_word(rows[place.row], place.column, a[thread][i]);
    }
  }
  std::vector<Codes> columns(b.size());
  for (std::size_t column = 0; column < b.size(); ++column) {
    for (std::uint32_t word = 0; word < kWgmmaWords; ++word) {
      put_word(columns[column], 4 * word, b[column][word]);
    }
  }
  std::array<bool, kWgmmaRows> zero;  // most are, where a block has few targets
  for (std::size_t row = 0; row < rows.size(); ++row) zero[row] = rows[row] == Codes{};
  for (std::uint32_t thread = 0; thread < kWarpgroupThreads; ++thread) {
    for (std::uint32_t i = 0; i < b.size() / 2; ++i) {
      const MatrixPlace place = wgmma_sum_place(thread, i);
      if (!zero[place.row]) sums[thread][i] += dot(rows[place.row], columns[place.column]);
    }
  }
}

}  // namespace kleio::cuda
