#include "cuda/software/software_mma.h"

#include <algorithm>
#include <cmath>
#include <cstddef>

#include "core/host_device.h"
#include "cuda/kernels/words.cuh"

namespace kleio::cuda {
namespace {

constexpr int kRows = 16, kColumns = 8;

template <CodeType kCode>
constexpr double min_normal() = delete;
template <>
constexpr double min_normal<CodeType::kFloat16>() {
  return 0x1p-14;
}
template <>
constexpr double min_normal<CodeType::kBfloat16>() {
  return 0x1p-126;
}

// Of A[row], word `word` of 8: thread 4g + t holds words t and 4 + t of rows g and g + 8.
template <typename Sum>
std::uint32_t row_word(const WarpFragments<Sum>& f, int row, int word) {
  const auto lane = static_cast<std::size_t>(row % 8 * 4 + word % 4);
  return f.a[lane][static_cast<std::size_t>(word / 4 * 2 + row / 8)];
}

template <typename Sum>
std::uint32_t column_word(const WarpFragments<Sum>& f, int column, int word) {
  const auto lane = static_cast<std::size_t>(column * 4 + word % 4);
  return f.b[lane][static_cast<std::size_t>(word / 4)];
}

template <typename Sum>
Sum& element(WarpFragments<Sum>& f, int row, int column) {
  const auto lane = static_cast<std::size_t>(row % 8 * 4 + column / 2);
  return f.c[lane][static_cast<std::size_t>(row / 8 * 2 + column % 2)];
}

float towards_zero(double value) {
  const float nearest = static_cast<float>(value);
  return std::fabs(static_cast<double>(nearest)) > std::fabs(value) ? std::nextafter(nearest, 0.0f)
                                                                    : nearest;
}

using Terms = std::array<float, 17>;  // 16 products and the accumulator

// What the ISA leaves open, drawn for one instruction.
class Freedom {
 public:
  explicit Freedom(std::mt19937_64& random) {
    const std::uint64_t draw = random();
    aligned_ = draw % 3 == 0;
    truncates_ = (draw >> 8 & 1) != 0;
    as_tree_ = (draw >> 9 & 1) != 0;
    flushes_ = (draw >> 10 & 1) != 0;
    for (std::size_t i = 0; i < order_.size(); ++i) order_[i] = i;
    std::shuffle(order_.begin(), order_.end(), random);
  }

  template <CodeType kCode>
  float value(std::uint16_t bits) const {
    const float value = CodeElement<kCode>::widen(bits);
    const bool subnormal = std::fabs(static_cast<double>(value)) < min_normal<kCode>();
    return flushes_ && subnormal ? 0.0f : value;
  }

  float sum(const Terms& terms) const {
    if (aligned_) return aligned_sum(terms);
    Terms ordered;
    for (std::size_t i = 0; i < terms.size(); ++i) ordered[i] = terms[order_[i]];
    return as_tree_ ? tree_sum(ordered) : ordered_sum(ordered);
  }

 private:
  float add(float a, float b) const {
    const double sum = static_cast<double>(a) + static_cast<double>(b);
    return truncates_ ? towards_zero(sum) : static_cast<float>(sum);
  }

  float ordered_sum(const Terms& terms) const {
    float sum = terms[0];
    for (std::size_t i = 1; i < terms.size(); ++i) sum = add(sum, terms[i]);
    return sum;
  }

  float tree_sum(Terms terms) const {
    for (std::size_t width = terms.size(); width > 1; width = (width + 1) / 2) {
      for (std::size_t i = 0; i < width / 2; ++i) terms[i] = add(terms[i], terms[width - 1 - i]);
    }
    return terms[0];
  }

  static float aligned_sum(const Terms& terms) {
    double largest = 0;
    for (const float term : terms)
      largest = std::max(largest, std::fabs(static_cast<double>(term)));
    if (largest == 0) return 0;
    const double quantum = std::ldexp(1.0, std::ilogb(largest) - 23);
    double sum = 0;
    for (const float term : terms) sum += std::trunc(static_cast<double>(term) / quantum);
    return towards_zero(sum * quantum);
  }

  bool aligned_, truncates_, as_tree_, flushes_;
  std::array<std::size_t, 17> order_;
};

}  // namespace

void multiply_add_int8(WarpFragments<std::int32_t>& fragments) {
  for (int row = 0; row < kRows; ++row) {
    for (int column = 0; column < kColumns; ++column) {
      std::int32_t& sum = element(fragments, row, column);
      for (int word = 0; word < 8; ++word) {
        sum = dot_of_int8_words(row_word(fragments, row, word),
                                column_word(fragments, column, word), sum);
      }
    }
  }
}

template <CodeType kCode>
void multiply_add_float(WarpFragments<float>& fragments, std::mt19937_64& random) {
  const Freedom freedom(random);
  const auto half = [&](std::uint32_t word, int upper) {
    return freedom.value<kCode>(static_cast<std::uint16_t>(word >> 16 * upper));
  };
  for (int row = 0; row < kRows; ++row) {
    for (int column = 0; column < kColumns; ++column) {
      float& sum = element(fragments, row, column);
      Terms terms;
      for (int k = 0; k < 16; ++k) {
        terms[static_cast<std::size_t>(k)] = half(row_word(fragments, row, k / 2), k % 2) *
                                             half(column_word(fragments, column, k / 2), k % 2);
      }
      terms[16] = sum;
      sum = freedom.sum(terms);
    }
  }
}

template void multiply_add_float<CodeType::kFloat16>(WarpFragments<float>&, std::mt19937_64&);
template void multiply_add_float<CodeType::kBfloat16>(WarpFragments<float>&, std::mt19937_64&);

}  // namespace kleio::cuda
