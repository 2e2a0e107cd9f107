// The norms of float rows for which a scan's float32 bounds of inner products hold.
#pragma once

namespace kleio {

// Whether float32 estimates and bounds of inner products with a vector of this norm neither
// overflow nor vanish. Cosines do not depend on norms and are always bounded.
constexpr bool is_bounded_norm(double norm) noexcept {
  return norm >= 1e-15 && norm <= 1e15;
}

}  // namespace kleio
