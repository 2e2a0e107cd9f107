// Canonical scores of chosen rows with all targets of a search: the bits that the search gives
// them.
#pragma once

#include <cstdint>
#include <span>

#include "core/call_context.h"
#include "core/kept.h"
#include "core/rows_view.h"

namespace kleio {

// Targets made ready for a unit that reads embeddings. Any number of threads may score at once.
class RowScorer {
 public:
  virtual ~RowScorer() = default;

  // scores[t * rows.size() + i] is that of target t and row rows[i] of the table; kNoScore where
  // one of them has no direction, and for all rows of a target whose floor none of them reaches.
  // Divided among the call's threads. Throws kAborted, kOutOfMemory.
  virtual void score(const RowsView& table, std::span<const std::int32_t> rows,
                     std::span<const float> floors, const CallContext& context,
                     std::span<float> scores) const = 0;
  virtual std::size_t byte_size() const noexcept = 0;
};

}  // namespace kleio
