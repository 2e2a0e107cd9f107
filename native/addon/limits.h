// The bounds of arguments that no header below the addon has: those of lib/support/limits.ts, and
// what keeps sizes computable.
#pragma once

#include <cstdint>

#include "core/matrix_view.h"
#include "core/thread_pool.h"

namespace kleio::addon {

// Behaviours that a ranking keeps or takes as recent: it holds their attention in memory.
inline constexpr std::uint64_t kMaxKept = std::uint64_t{1} << 16;
inline constexpr std::uint64_t kMaxExtents = 64;  // of a tensor's shape
inline constexpr std::uint64_t kMaxChannels = 2;  // of similarities in an attention
inline constexpr double kMinTierWidth = 1e-6;
inline constexpr double kMaxTierWidth = 2;

inline constexpr std::uint64_t kMaxCoalescingMicroseconds = 100'000;
inline constexpr std::uint64_t kMaxDeviceBytes = std::uint64_t{1} << 48;
inline constexpr std::uint64_t kMaxOneLaunchTargets = 8;

// Integers that a JavaScript number can tell from their neighbours.
inline constexpr std::uint64_t kMaxSafeInteger = (std::uint64_t{1} << 53) - 1;

}  // namespace kleio::addon
