// How a search scores a behaviour.
#pragma once

#include <cstdint>

namespace kleio {

// The numeric values are the binary's contract with lib/binding/native.ts.
enum class Unit : std::uint8_t {
  kCosine = 0,    // MUSE's GSU
  kDot = 1,       // inner product: SIM-soft, Co-GSU
  kCategory = 2,  // SIM-hard: the newest behaviours of the target's category, score 1
};

}  // namespace kleio
