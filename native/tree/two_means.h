// 2-means over some rows: the axis that tells its two means apart, and each row's place on it.
//
//   a, b   the means of the two sides;  d(x, b)^2 - d(x, a)^2 = 2 <x, a - b> - const
// so one inner product decides a row, and sorting by it sorts by the margin between the two
// distances.
//
// Sides      balanced: the half of largest margin against the other; plain: by the nearer mean.
// Start      a row at random and the row of smallest inner product with it; then at most 10 rounds
//            of means and sides, on a sample of at most 4096 rows, until no row changes its side.
// Arithmetic int8 rows are widened to int16, the axis is rounded to integers so that a margin is an
//            exact int32; floats are divided by the table's largest magnitude, and summed in eight
//            float32 lanes. Nothing depends on threads or on the instruction set.
// Cost       a multiply-add per row and dimension a round, and half an addition for the means.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <type_traits>
#include <vector>

#include "core/dtype.h"

namespace kleio {

// A row's margin; equal margins are told apart by the order of the rows.
struct Margin {
  double value = 0;
  std::int32_t index = 0;  // in that order

  friend bool operator<(const Margin& a, const Margin& b) noexcept {
    return a.value != b.value ? a.value > b.value : a.index < b.index;
  }
};

template <typename Element>  // std::int16_t or float
struct Axis {
  std::vector<Element> direction;
  double middle = 0;  // the margin half way between the means
};

inline constexpr std::size_t kSampledRows = 4096;

// Widens a row of the table. `inverse` is 1 over the largest magnitude of a float table.
void widen_row(const std::byte* row, Dtype dtype, std::size_t dim, float inverse,
               std::int16_t* out) noexcept;
void widen_row(const std::byte* row, Dtype dtype, std::size_t dim, float inverse,
               float* out) noexcept;

double margin_of(const std::int16_t* row, const Axis<std::int16_t>& axis) noexcept;
double margin_of(const float* row, const Axis<float>& axis) noexcept;

// One a thread: it owns scratch memory.
template <typename Element>
class TwoMeans {
 public:
  explicit TwoMeans(std::size_t dim) : dim_(dim), total_(dim), side_sum_(dim) {}

  // The axis of those of `rows`, [][dim], that are `chosen`: 2 to kSampledRows of them. `random`
  // picks the first row.
  Axis<Element> axis(const Element* rows, std::span<const std::int32_t> chosen, bool balanced,
                     std::uint64_t random);

 private:
  // Exact for both: at most kSampledRows int8 values fit int32.
  using Sum = std::conditional_t<std::is_integral_v<Element>, std::int32_t, double>;

  const Element* row(std::size_t index) const noexcept {
    return rows_ + static_cast<std::size_t>(chosen_[index]) * dim_;
  }
  void add_row(std::size_t index, std::vector<Sum>& sum) const noexcept;
  Axis<Element> first_axis(std::uint64_t random) const;
  // Marks the rows of one side and returns their number.
  std::size_t take_sides(const Axis<Element>& axis, bool balanced);
  Axis<Element> axis_of_sides(std::size_t side_count);

  std::size_t dim_;
  const Element* rows_ = nullptr;
  std::span<const std::int32_t> chosen_;
  std::vector<Sum> total_, side_sum_;
  std::vector<Margin> margins_;
  std::vector<bool> side_, last_side_;  // by index into chosen_
};

extern template class TwoMeans<std::int16_t>;
extern template class TwoMeans<float>;

}  // namespace kleio
