// Packed bytes become a history as it lay: columns are copied, items stay where they arrived, and
// what only links behaviours with their items is made anew, so that no bytes can say anything wrong
// of it.
#pragma once

#include <memory>

#include "core/history.h"
#include "core/history_sections.h"

namespace kleio {

// Throws kArgument for bytes of a table of another shape, or of a model where there is none, or
// without.
void require_packed_like(const HistorySections& sections, const HistoryGround& ground);
// And for bytes of another table or model.
void require_packed_over(const HistorySections& sections, const HistoryGround& ground,
                         const CallContext& context);

// All parts but the store, of bytes that belong to the ground, of which the items need not be
// there. Throws kFormat, kAborted, std::bad_alloc.
HistoryParts link_packed(HistorySections& sections, const HistoryGround& ground,
                         const CallContext& context);
// Afterwards, that: `store` has room with the items in it. Throws kFormat, kAborted, kOutOfMemory,
// std::bad_alloc.
std::unique_ptr<SlotStore> store_of_packed(HistorySections& sections,
                                           std::unique_ptr<SlotStore> store,
                                           const CallContext& context);

}  // namespace kleio
