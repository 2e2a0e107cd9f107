// Targets for kernels that multiply bytes with bytes. Included by a level's file after it has
// chosen its instruction set.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <span>

#include "cpu/scan/panel.h"

namespace kleio {
namespace {

// A target's codes as they are, padded with 0 to whole groups.
inline void pack_bytes(std::span<const std::int8_t> codes, std::byte* packed) noexcept {
  std::memset(packed, 0, groups_of(codes.size()) * kGroupDims);
  std::memcpy(packed, codes.data(), codes.size());
}

}  // namespace
}  // namespace kleio
