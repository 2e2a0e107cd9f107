#include "tree/two_means.h"

#include <algorithm>
#include <cassert>
#include <cmath>
#include <limits>

namespace kleio {
namespace {

constexpr int kRounds = 10;

// The largest integer of an axis with which no margin leaves int32.
double largest_step(std::size_t dim) noexcept {
  const double room = 2147483647.0 / (128.0 * static_cast<double>(dim));
  return std::floor(std::min(room, 32767.0));
}

std::vector<std::int16_t> rounded_axis(const std::vector<double>& axis, std::int16_t) {
  double largest = 0;
  for (const double value : axis) largest = std::max(largest, std::fabs(value));
  std::vector<std::int16_t> rounded(axis.size());
  if (largest == 0) return rounded;
  const double scale = largest_step(axis.size()) / largest;
  for (std::size_t d = 0; d < axis.size(); ++d) {
    rounded[d] = static_cast<std::int16_t>(std::nearbyint(axis[d] * scale));
  }
  return rounded;
}

std::vector<float> rounded_axis(const std::vector<double>& axis, float) {
  return {axis.begin(), axis.end()};
}

}  // namespace

void widen_row(const std::byte* row, Dtype, std::size_t dim, float, std::int16_t* out) noexcept {
  const auto* codes = reinterpret_cast<const std::int8_t*>(row);
  for (std::size_t d = 0; d < dim; ++d) out[d] = codes[d];
}

void widen_row(const std::byte* row, Dtype dtype, std::size_t dim, float inverse,
               float* out) noexcept {
  with_element(dtype, [&]<typename Element>() {
    for (std::size_t d = 0; d < dim; ++d) out[d] = load_element<Element>(row, d) * inverse;
  });
}

double margin_of(const std::int16_t* row, const Axis<std::int16_t>& axis) noexcept {
  std::int32_t sum = 0;
  const std::int16_t* direction = axis.direction.data();
  for (std::size_t d = 0; d < axis.direction.size(); ++d) sum += row[d] * direction[d];
  return sum;
}

double margin_of(const float* row, const Axis<float>& axis) noexcept {
  constexpr std::size_t kLanes = 8;
  float lanes[kLanes] = {};
  const float* direction = axis.direction.data();
  const std::size_t dim = axis.direction.size();
  std::size_t d = 0;
  for (; d + kLanes <= dim; d += kLanes) {
    for (std::size_t lane = 0; lane < kLanes; ++lane) {
      lanes[lane] += row[d + lane] * direction[d + lane];
    }
  }
  for (std::size_t lane = 0; d < dim; ++d, ++lane) lanes[lane] += row[d] * direction[d];
  double sum = 0;
  for (const float lane : lanes) sum += static_cast<double>(lane);
  return sum;
}

template <typename Element>
Axis<Element> TwoMeans<Element>::axis(const Element* rows, std::span<const std::int32_t> chosen,
                                      bool balanced, std::uint64_t random) {
  assert(chosen.size() >= 2 && chosen.size() <= kSampledRows);
  rows_ = rows;
  chosen_ = chosen;
  std::fill(total_.begin(), total_.end(), Sum{});
  for (std::size_t index = 0; index < chosen.size(); ++index) add_row(index, total_);
  Axis<Element> axis = first_axis(random);
  last_side_.clear();
  for (int round = 0; round < kRounds; ++round) {
    const std::size_t side_count = take_sides(axis, balanced);
    if (side_count == 0 || side_count == chosen.size() || side_ == last_side_) return axis;
    last_side_.swap(side_);
    axis = axis_of_sides(side_count);
  }
  return axis;
}

template <typename Element>
void TwoMeans<Element>::add_row(std::size_t index, std::vector<Sum>& sum) const noexcept {
  const Element* added = row(index);
  for (std::size_t d = 0; d < dim_; ++d) sum[d] += static_cast<Sum>(added[d]);
}

template <typename Element>
Axis<Element> TwoMeans<Element>::first_axis(std::uint64_t random) const {
  const Element* near = row(random % chosen_.size());
  Axis<Element> towards;
  towards.direction.assign(near, near + dim_);
  double least = std::numeric_limits<double>::infinity();
  const Element* far = near;
  for (std::size_t index = 0; index < chosen_.size(); ++index) {
    const double product = margin_of(row(index), towards);
    if (product >= least) continue;
    least = product;
    far = row(index);
  }
  std::vector<double> apart(dim_);
  for (std::size_t d = 0; d < dim_; ++d) {
    apart[d] = static_cast<double>(near[d]) - static_cast<double>(far[d]);
  }
  Axis<Element> axis{rounded_axis(apart, Element{}), 0};
  axis.middle = (margin_of(near, axis) + margin_of(far, axis)) / 2;
  return axis;
}

template <typename Element>
std::size_t TwoMeans<Element>::take_sides(const Axis<Element>& axis, bool balanced) {
  margins_.clear();
  for (std::size_t index = 0; index < chosen_.size(); ++index) {
    margins_.push_back({margin_of(row(index), axis), static_cast<std::int32_t>(index)});
  }
  auto cut = margins_.begin() + static_cast<std::ptrdiff_t>((margins_.size() + 1) / 2);
  if (balanced) {
    std::nth_element(margins_.begin(), cut, margins_.end());
  } else {
    const auto is_nearer = [&axis](const Margin& margin) { return margin.value > axis.middle; };
    cut = std::partition(margins_.begin(), margins_.end(), is_nearer);
  }
  side_.assign(chosen_.size(), false);
  for (auto margin = margins_.begin(); margin < cut; ++margin) {
    side_[static_cast<std::size_t>(margin->index)] = true;
  }
  return static_cast<std::size_t>(cut - margins_.begin());
}

template <typename Element>
Axis<Element> TwoMeans<Element>::axis_of_sides(std::size_t side_count) {
  std::fill(side_sum_.begin(), side_sum_.end(), Sum{});
  // In the order of the rows: sums of floats depend on it.
  for (std::size_t index = 0; index < chosen_.size(); ++index) {
    if (last_side_[index]) add_row(index, side_sum_);
  }
  const auto near_count = static_cast<double>(side_count);
  const auto far_count = static_cast<double>(chosen_.size() - side_count);
  std::vector<double> apart(dim_), both(dim_);
  for (std::size_t d = 0; d < dim_; ++d) {
    const double near = static_cast<double>(side_sum_[d]) / near_count;
    const double far = static_cast<double>(total_[d] - side_sum_[d]) / far_count;
    apart[d] = near - far;
    both[d] = near + far;
  }
  Axis<Element> axis{rounded_axis(apart, Element{}), 0};
  for (std::size_t d = 0; d < dim_; ++d) {
    axis.middle += both[d] / 2 * static_cast<double>(axis.direction[d]);
  }
  return axis;
}

template class TwoMeans<std::int16_t>;
template class TwoMeans<float>;

}  // namespace kleio
