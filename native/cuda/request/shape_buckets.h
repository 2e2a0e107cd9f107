// Counts of requests, rounded up, so that requests of about one size ask a device for the same work
// and a graph made for one serves the others (cuda/device/graph_cache.h).
//
// Everything that a request's work says by value (sizes of grids, bytes of copies, offsets in the
// workspace) is a function of such counts alone; what is really there lies in the uploaded block,
// and kernels leave the places beyond it at once, but for emptying their rows of the results.
#pragma once

#include <bit>
#include <cstdint>

namespace kleio::cuda {

// The least bucket that holds `count`: powers of two up to 16, then eight steps to a doubling, so
// that at most an eighth is added.
constexpr std::uint64_t bucket_of(std::uint64_t count) noexcept {
  if (count <= 1) return count;
  if (count <= 16) return std::bit_ceil(count);
  const std::uint64_t step = std::bit_floor(count - 1) / 8;
  return (count + step - 1) / step * step;
}

// The least bucket of whole `unit`s that holds `count`.
constexpr std::uint64_t bucket_of(std::uint64_t count, std::uint64_t unit) noexcept {
  return unit * bucket_of((count + unit - 1) / unit);
}

}  // namespace kleio::cuda
