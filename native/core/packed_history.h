// Packed bytes become a history as it lay: columns are copied, and what only links behaviours with
// their items is made anew, so that no bytes can say anything wrong of it.
#pragma once

#include "core/history.h"
#include "core/history_sections.h"

namespace kleio {

// Throws kArgument for bytes of another table, or of a model where there is none, or without.
void require_packed_over(const HistorySections& sections, const HistoryGround& ground,
                         const CallContext& context);

// Of bytes that belong to the ground; `store` has room with their items. Throws kFormat, kAborted,
// kOutOfMemory, std::bad_alloc.
HistoryParts read_packed(HistorySections& sections, const HistoryGround& ground,
                         std::unique_ptr<SlotStore> store, const CallContext& context);

}  // namespace kleio
