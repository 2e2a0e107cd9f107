#include "core/backend.h"

namespace kleio {

void Backend::search_many(std::span<const HistorySearch> searches, ThreadPool& pool,
                          const std::atomic<bool>& cancelled) const {
  pool.parallel_for(searches.size(), 0, [&](std::size_t index) {
    const HistorySearch& one = searches[index];
    search(*one.history, one.targets, one.options, pool, cancelled, one.kept);
  });
}

void RankerSession::rank_many(std::span<const HistoryRanking> rankings, ThreadPool& pool,
                              const std::atomic<bool>& cancelled) const {
  pool.parallel_for(rankings.size(), 0, [&](std::size_t index) {
    const HistoryRanking& one = rankings[index];
    rank(*one.history, one.request, pool, cancelled, one.ranking);
  });
}

}  // namespace kleio
