// What of a device selects for one target of a search. The answers are the same.
#pragma once

#include <cstdint>

namespace kleio {

// The numeric values are the binary's contract with lib/binding/contract/codes.ts.
enum class SelectWidth : std::uint32_t {
  kBlock = 0,  // a thread block: a target is done soon, few are under way at once
  kWarp = 1,   // a warp: many targets are under way at once, each takes longer
};

}  // namespace kleio
