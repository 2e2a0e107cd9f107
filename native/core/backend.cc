#include "core/backend.h"

#include <algorithm>

namespace kleio {

std::shared_ptr<const TableResidence> Backend::reside(std::shared_ptr<const Table>) const {
  return nullptr;
}

void Backend::search_many(std::span<const HistorySearch> searches, ThreadPool& pool,
                          const std::atomic<bool>& cancelled) const {
  pool.parallel_for(searches.size(), 0, [&](std::size_t index) {
    const HistorySearch& one = searches[index];
    search(*one.history, one.targets, one.options, pool, cancelled, one.kept);
  });
}

void search_many(std::span<const HistorySearch> searches, ThreadPool& pool,
                 const std::atomic<bool>& cancelled) {
  while (!searches.empty()) {
    const Backend* backend = searches.front().history->backend;
    const auto other = std::ranges::find_if(searches, [backend](const HistorySearch& search) {
      return search.history->backend != backend;
    });
    const auto together = static_cast<std::size_t>(other - searches.begin());
    backend->search_many(searches.first(together), pool, cancelled);
    searches = searches.subspan(together);
  }
}

void RankerSession::rank_many(std::span<const HistoryRanking> rankings, ThreadPool& pool,
                              const std::atomic<bool>& cancelled) const {
  pool.parallel_for(rankings.size(), 0, [&](std::size_t index) {
    const HistoryRanking& one = rankings[index];
    rank(*one.history, one.request, pool, cancelled, one.ranking);
  });
}

}  // namespace kleio
