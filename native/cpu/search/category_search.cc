#include "cpu/search/category_search.h"

#include <cstdint>
#include <unordered_set>
#include <vector>

#include "core/eligible.h"
#include "core/id_index.h"

namespace kleio {
namespace {

constexpr float kScore = traits_of(Unit::kCategory).max_score;
constexpr std::int64_t kPollEvery = 1 << 16;

// What one category has found so far. Its items are its own: an item may stand in several
// categories, and what one target keeps must not depend on the others.
struct Newest {
  std::vector<std::int32_t> positions;
  std::unordered_set<std::int32_t> slots;  // filled for distinct searches only
};

}  // namespace

void search_category(const HistorySnapshot& history, const Targets& targets,
                     const SearchOptions& options, const CallContext& context, KeptView kept) {
  if (!history.has_categories()) return;
  // Of targets that share a category the first finds for all.
  const IdIndex finders(targets.categories, Duplicates::kFirst);
  std::vector<Newest> newest_of(targets.categories.size());
  std::size_t wanting = newest_of.size() - finders.shadowed();

  const Eligible eligible(history, options);
  const std::int64_t first = history.first();
  for (std::int64_t s = history.end() - 1; s >= first && wanting > 0; --s) {
    if (s % kPollEvery == 0) context.throw_if_cancelled();
    const std::int32_t finder = finders.row_of(history.categories[s]);
    if (finder < 0) continue;
    Newest& newest = newest_of[static_cast<std::size_t>(finder)];
    if (newest.positions.size() >= options.k || !eligible(s)) continue;
    const std::int32_t slot = history.slot_of[s];
    if (options.distinct && slot != kNoSlot && !newest.slots.insert(slot).second) continue;
    newest.positions.push_back(static_cast<std::int32_t>(s - first));
    if (newest.positions.size() == options.k) --wanting;
  }

  for (std::size_t t = 0; t < targets.categories.size(); ++t) {
    KeptRow row = kept.row(t);
    const auto finder = static_cast<std::size_t>(finders.row_of(targets.categories[t]));
    for (const std::int32_t position : newest_of[finder].positions) row.add(position, kScore);
  }
}

}  // namespace kleio
