#include "core/backend.h"

#include <algorithm>

namespace kleio {

std::shared_ptr<const TableResidence> Backend::reside(std::shared_ptr<const Table>) const {
  return nullptr;
}

void Backend::search_many(std::span<const HistorySearch> searches,
                          const CallContext& context) const {
  context.parallel_for(searches.size(), [&](std::size_t index) {
    const HistorySearch& one = searches[index];
    search(*one.history, one.targets, one.options, context.limited_to(one.max_threads), one.kept);
  });
}

void search_many(std::span<const HistorySearch> searches, const CallContext& context) {
  while (!searches.empty()) {
    const Backend* backend = searches.front().history->backend;
    const auto other = std::ranges::find_if(searches, [backend](const HistorySearch& search) {
      return search.history->backend != backend;
    });
    const auto together = static_cast<std::size_t>(other - searches.begin());
    backend->search_many(searches.first(together), context);
    for (const HistorySearch& search : searches.first(together)) {
      read_kept_fields(*search.history, search.kept, search.fields,
                       context.limited_to(search.max_threads));
    }
    searches = searches.subspan(together);
  }
}

void RankerSession::rank_many(std::span<const HistoryRanking> rankings,
                              const CallContext& context) const {
  context.parallel_for(rankings.size(), [&](std::size_t index) {
    const HistoryRanking& one = rankings[index];
    rank(*one.history, one.request, context.limited_to(one.max_threads), one.ranking);
  });
}

void rank_many(const RankerSession& session, std::span<const HistoryRanking> rankings,
               const CallContext& context) {
  session.rank_many(rankings, context);
  for (const HistoryRanking& one : rankings) {
    read_kept_fields(*one.history, one.ranking.kept, one.ranking.fields,
                     context.limited_to(one.max_threads));
  }
}

}  // namespace kleio
