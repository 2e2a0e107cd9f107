// The order of results: score descending, then the more recent behaviour.
//
// One unsigned 64-bit key carries both, larger first: the orderable bits of the float32 score
// above, the position below. Keys are unique within a history, so every correct selection of the K
// largest keys returns the same set in the same order, whatever the order of evaluation was.
#pragma once

#include <cassert>
#include <cstdint>

#include "core/host_device.h"

namespace kleio {

// Maps finite and infinite floats to unsigned integers of the same order. NaN must not come here.
KLEIO_HOST_DEVICE inline std::uint32_t orderable_bits(float score) noexcept {
  assert(score == score);
  const std::uint32_t bits = float_bits(score);
  return (bits & 0x80000000u) != 0 ? ~bits : bits | 0x80000000u;
}

KLEIO_HOST_DEVICE inline float score_of_orderable_bits(std::uint32_t bits) noexcept {
  return float_of_bits((bits & 0x80000000u) != 0 ? bits & 0x7fffffffu : ~bits);
}

using OrderKey = std::uint64_t;

KLEIO_HOST_DEVICE inline OrderKey order_key(float score, std::uint32_t position) noexcept {
  return static_cast<OrderKey>(orderable_bits(score)) << 32 | position;
}

KLEIO_HOST_DEVICE inline float score_of(OrderKey key) noexcept {
  return score_of_orderable_bits(static_cast<std::uint32_t>(key >> 32));
}

KLEIO_HOST_DEVICE inline std::uint32_t position_of(OrderKey key) noexcept {
  return static_cast<std::uint32_t>(key);
}

}  // namespace kleio
