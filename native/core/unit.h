// The search units: how a search scores a behaviour, in one table that everything else reads.
#pragma once

#include <cstddef>
#include <cstdint>

#include "core/score.h"

namespace kleio {

// The numeric values are the binary's contract with lib/histories/search-units.ts.
enum class Unit : std::uint8_t {
  kCosine = 0,    // MUSE's GSU
  kDot = 1,       // inner product: SIM-soft, Co-GSU
  kCategory = 2,  // SIM-hard: the newest behaviours of the target's category, score 1
};

struct UnitTraits {
  Unit unit;
  const char* name;  // as callers write it
  // Scores an embedding, and keeps no behaviour without one. Other units go by the columns of a
  // history alone: every device leaves them to the CPU.
  bool reads_embeddings;
  bool by_categories;  // a target is a category, which the behaviours must have, too
  // The score is divided by both norms, so that neither estimates nor their errors grow with them.
  bool normalised;
  float max_score;  // no behaviour scores more
};

inline constexpr UnitTraits kUnits[] = {
    {Unit::kCosine, "cosine", true, false, true, 1.0f},
    {Unit::kDot, "dot", true, false, false, kMaxScore},
    {Unit::kCategory, "category", false, true, false, 1.0f},
};

constexpr const UnitTraits& traits_of(Unit unit) noexcept {
  return kUnits[static_cast<std::size_t>(unit)];
}
consteval bool is_in_order() {
  for (const UnitTraits& row : kUnits) {
    if (&traits_of(row.unit) != &row) return false;
  }
  return true;
}
static_assert(is_in_order(), "a row of kUnits stands where another's number is");

// The canonical score of two rows with a direction, by a unit that reads embeddings.
// `row_norm_sq()` is asked only where the score depends on it.
KLEIO_CALLER_DECIDES
template <typename NormSq>
KLEIO_HOST_DEVICE float canonical_score(Unit unit, double dot, double target_norm_sq,
                                        NormSq row_norm_sq) noexcept {
  switch (unit) {
    case Unit::kCosine:
      return canonical_cosine(dot, target_norm_sq, row_norm_sq());
    case Unit::kDot:
      return canonical_inner_product(dot);
    case Unit::kCategory:
      break;
  }
  __builtin_unreachable();
}

}  // namespace kleio
