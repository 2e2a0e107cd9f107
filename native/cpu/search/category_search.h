// SIM-hard: the newest behaviours of the target's category, newest first (SIM, arXiv 2006.05639).
#pragma once

#include "core/call_context.h"
#include "core/search.h"

namespace kleio {

// Needs no embeddings: one pass over the history from its newest end serves all targets. Fills
// `kept`, which must already hold empty places; every kept behaviour scores 1. Throws kAborted.
void search_category(const HistorySnapshot& history, const Targets& targets,
                     const SearchOptions& options, const CallContext& context, KeptView kept);

}  // namespace kleio
