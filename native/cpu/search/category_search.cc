#include "cpu/search/category_search.h"

#include <cstdint>
#include <limits>
#include <unordered_map>
#include <unordered_set>
#include <vector>

#include "core/error.h"

namespace kleio {
namespace {

constexpr float kCategoryScore = 1.0f;
constexpr std::int64_t kPollEvery = 1 << 16;

// Whether a behaviour may be kept, apart from its category.
class Eligible {
 public:
  Eligible(const HistorySnapshot& history, const SearchOptions& options)
      : history_(history),
        options_(options),
        has_since_(options.since > -std::numeric_limits<double>::infinity()),
        excluded_(options.excluded_rows.begin(), options.excluded_rows.end()) {}

  bool operator()(std::int64_t sequence) const {
    if (has_since_ && !(history_.times[sequence] >= options_.since)) return false;
    const std::int32_t slot = history_.slot_of[sequence];
    if (slot == kNoSlot) return true;
    return excluded_.empty() || !excluded_.contains(history_.slots[slot].row);
  }

 private:
  const HistorySnapshot& history_;
  const SearchOptions& options_;
  bool has_since_;
  std::unordered_set<std::int32_t> excluded_;
};

// What one category has found so far. Its items are its own: an item may stand in several
// categories, and what one target keeps must not depend on the others.
struct Newest {
  std::vector<std::int32_t> positions;
  std::unordered_set<std::int32_t> slots;  // filled for distinct searches only
};

}  // namespace

void search_category(const HistorySnapshot& history, const Targets& targets,
                     const SearchOptions& options, const std::atomic<bool>& cancelled,
                     KeptView kept) {
  if (!history.has_categories() || kCategoryScore < options.min_score) return;
  std::unordered_map<std::int64_t, Newest> newest_of;
  for (const std::int64_t category : targets.categories) newest_of.try_emplace(category);
  std::size_t wanting = newest_of.size();

  const Eligible eligible(history, options);
  const std::int64_t first = history.first();
  for (std::int64_t s = history.slot_of.end() - 1; s >= first && wanting > 0; --s) {
    if (s % kPollEvery == 0 && cancelled.load(std::memory_order_relaxed)) {
      throw Error(ErrorCode::kAborted, "the search was aborted");
    }
    const auto found = newest_of.find(history.categories[s]);
    if (found == newest_of.end()) continue;
    Newest& newest = found->second;
    if (newest.positions.size() >= options.k || !eligible(s)) continue;
    const std::int32_t slot = history.slot_of[s];
    if (options.distinct && slot != kNoSlot && !newest.slots.insert(slot).second) continue;
    newest.positions.push_back(static_cast<std::int32_t>(s - first));
    if (newest.positions.size() == options.k) --wanting;
  }

  for (std::size_t t = 0; t < targets.categories.size(); ++t) {
    const std::vector<std::int32_t>& newest = newest_of.at(targets.categories[t]).positions;
    for (std::size_t i = 0; i < newest.size(); ++i) {
      kept.positions[t * options.k + i] = newest[i];
      kept.scores[t * options.k + i] = kCategoryScore;
    }
  }
}

}  // namespace kleio
