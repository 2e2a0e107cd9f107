// What a ranking asks and what it answers, the same for every backend.
#pragma once

#include <cstddef>
#include <cstdint>
#include <limits>
#include <memory>
#include <span>
#include <vector>

#include "core/call_context.h"
#include "core/history_snapshot.h"
#include "core/search.h"

namespace kleio {

// How the lifelong behaviours of a candidate are chosen.
// The numeric values are the binary's contract with lib/binding/contract/codes.ts.
enum class LifelongUnit : std::uint8_t {
  kCosine = 0,         // of the similarity table's rows: MUSE
  kCategory = 1,       // the newest behaviours of the candidate's category, newest first: SIM-hard
  kNone = 2,           // the short behaviours alone: DIN
  kLearnedCosine = 3,  // of the learned item embeddings: SIM-soft
};

// What fills the places of a candidate with fewer behaviours than K.
enum class EmptyPlaces : std::uint8_t {
  kRelease =
      0,      // padding as in the release: the unknown rows' embeddings, similarity 0, not masked
  kMask = 1,  // nothing: they count in no tier, no mean and no attention
};

struct RankRequest {
  std::vector<std::int64_t> user;  // one raw id per user feature of the model
  std::vector<std::int64_t> items, categories, cities, provinces;  // one per candidate
  std::uint32_t k = 0;
  LifelongUnit unit = LifelongUnit::kCosine;
  EmptyPlaces empty_places = EmptyPlaces::kRelease;
  // Behaviours that count: the others might as well not be there. Of its other members nothing is
  // read.
  SearchOptions eligible;
  // Of the similarity table, when it was asked: rows that came since are of no candidate.
  std::size_t similarity_rows = std::numeric_limits<std::size_t>::max();
};

struct RankingView {
  std::span<float> probabilities;  // [count], of a click
  KeptView kept;                   // [count, k]
  FieldsView fields;               // of what is kept
  std::span<float> interests;  // [count, tiers + lifelong width]: SimTier, then attention; or empty
  std::span<float> tower_inputs;  // [count, tower width], or empty: for tests against the release
};

// One ranking of many.
struct HistoryRanking {
  std::shared_ptr<const HistorySnapshot> history;
  RankRequest request;
  RankingView ranking;
  std::size_t max_threads = 0;  // that may work on it; 0: as many as the pool has
};

// A model made ready for one backend. Safe to call from many threads at once.
class RankerSession {
 public:
  virtual ~RankerSession() = default;
  // `history` must have been made with this model's features. Throws kAborted, kOutOfMemory.
  virtual void rank(const HistorySnapshot& history, const RankRequest& request,
                    const CallContext& context, RankingView ranking) const = 0;
  // Fills every ranking as `rank` does. Unless a backend knows better, each is divided among the
  // pool's threads that have none left.
  virtual void rank_many(std::span<const HistoryRanking> rankings,
                         const CallContext& context) const;
};

// Ranks, and tells of what was kept what was asked for.
void rank_many(const RankerSession& session, std::span<const HistoryRanking> rankings,
               const CallContext& context);

}  // namespace kleio
