#include "core/extended_search.h"

#include <algorithm>
#include <functional>
#include <limits>
#include <utility>

#include "core/backend.h"
#include "core/behaviour_fields.h"
#include "core/eligible.h"

namespace kleio {
namespace {

// Up to so many appended behaviours, or this share of the slots, what is remembered serves. Of
// 60 000 items of 128 and 16 targets, a search anew is as quick from about 1 400 appended on where
// they are float32, and from 3 000 on where they are int8 (Xeon, 2 threads).
constexpr std::int64_t kFewAppended = 16;
constexpr std::int64_t kAppendedShare = 48;

// Those of some targets.
Targets some_of(const Targets& targets, std::span<const std::size_t> chosen) {
  Targets some;
  some.count = chosen.size();
  const std::size_t stride = targets.embeddings.size() / targets.count;
  for (const std::size_t t : chosen) {
    if (!targets.rows.empty()) some.rows.push_back(targets.rows[t]);
    if (!targets.categories.empty()) some.categories.push_back(targets.categories[t]);
    const auto embedding = targets.embeddings.begin() + static_cast<std::ptrdiff_t>(t * stride);
    some.embeddings.insert(some.embeddings.end(), embedding,
                           embedding + static_cast<std::ptrdiff_t>(stride));
  }
  return some;
}

}  // namespace

void LastingQuestion::prepare(const HistorySnapshot& history) const {
  if (!traits_of(options_.unit).reads_embeddings) return;
  std::call_once(made_, [&] {
    scorer_ = history.backend->make_row_scorer(history.table->view(), targets_, options_.unit);
  });
}

std::size_t LastingQuestion::byte_size() const noexcept {
  return sizeof(LastingQuestion) + targets_.embeddings.capacity() +
         targets_.rows.capacity() * sizeof(std::int32_t) +
         targets_.categories.capacity() * sizeof(std::int64_t) +
         (scorer_ ? scorer_->byte_size() : 0) +
         options_.excluded_rows.capacity() * sizeof(std::int32_t) +
         options_.excluded_ids.capacity() * sizeof(std::int64_t);
}

void prefetch_rows(const LastingQuestion& question, const HistorySnapshot& now,
                   const RememberedKept& remembered) noexcept {
  if (!traits_of(question.options().unit).reads_embeddings) return;
  const RowsView table = now.table->view();
  const std::int64_t begin = std::max(remembered.end, now.first());
  if (now.end() - begin > kFewAppended) return;  // whoever reads many asks for them himself
  for (std::int64_t s = begin; s < now.end(); ++s) {
    const std::int32_t row = now.row_of(s);
    if (row >= 0) table.prefetch(static_cast<std::size_t>(row));
  }
}

ExtendedSearch::ExtendedSearch(const LastingQuestion& question, const HistorySnapshot& now,
                               RememberedKept& remembered, KeptView kept,
                               const CallContext& context)
    : question_(question),
      now_(now),
      table_(now.table->view()),
      remembered_(remembered),
      kept_(kept),
      context_(context),
      k_(question.options().k),
      by_categories_(traits_of(question.options().unit).by_categories),
      moved_(now.first() - remembered.first),
      removed_(now.removals != remembered.removals) {}

bool ExtendedSearch::extends() const noexcept {
  if (!remembered_.is_whole || remembered_.end < now_.first()) return false;
  const auto slots = static_cast<std::int64_t>(now_.slot_count());
  return now_.end() - remembered_.end <= std::max(kFewAppended, slots / kAppendedShare);
}

std::size_t ExtendedSearch::work() const noexcept {
  const auto appended = static_cast<std::size_t>(now_.end() - remembered_.end);
  const std::size_t each = by_categories_ ? 1 : table_.dim;
  return appended * question_.targets().count * each + question_.places();
}

std::vector<std::size_t> ExtendedSearch::extend() {
  list_appended();
  find_floors();
  score_items();
  std::vector<std::size_t> uncertain;
  remembered_.is_whole = false;
  for (std::size_t t = 0; t < question_.targets().count; ++t) {
    if (!extend_row(t)) uncertain.push_back(t);
  }
  kept_.fill_from(remembered_.positions.data(), remembered_.scores.data());
  if (uncertain.empty()) finish();
  return uncertain;
}

void ExtendedSearch::list_appended() {
  const bool reads_embeddings = traits_of(question_.options().unit).reads_embeddings;
  if (by_categories_ && !now_.has_categories()) return;
  const Eligible eligible(now_, question_.options());
  const std::int64_t begin = std::max(remembered_.end, now_.first());
  appended_.reserve(static_cast<std::size_t>(now_.end() - begin));
  for (std::int64_t s = now_.end() - 1; s >= begin; --s) {
    if (!eligible(s)) continue;
    const std::int32_t row = now_.row_of(s);
    if (row >= 0 || !reads_embeddings) appended_.push_back({s, row});
  }
  number_items();
}

// In place of their rows, behaviours get the numbers of their items. An item that was appended
// twice has two numbers, unless its behaviours must be told as one's.
void ExtendedSearch::number_items() {
  items_.reserve(appended_.size());
  for (Appended& appended : appended_) {
    if (appended.item == kNoItem) continue;
    items_.push_back(appended.item);
    if (!question_.options().distinct) appended.item = static_cast<std::int32_t>(items_.size() - 1);
  }
  if (!question_.options().distinct) return;
  std::sort(items_.begin(), items_.end());
  items_.erase(std::unique(items_.begin(), items_.end()), items_.end());
  for (Appended& appended : appended_) {
    if (appended.item == kNoItem) continue;
    const auto item = std::lower_bound(items_.begin(), items_.end(), appended.item);
    appended.item = static_cast<std::int32_t>(item - items_.begin());
  }
  seen_.assign(items_.size(), 0);
}

// What scores less than the last one kept takes no place: not even that of one that has left, for
// then the target is searched anew. What ties with the last one comes before it, being more recent.
void ExtendedSearch::find_floors() {
  floors_.assign(question_.targets().count, question_.options().min_score);
  for (std::size_t t = 0; t < floors_.size(); ++t) {
    floors_[t] = std::max(floors_[t], scores_of(t).back());
  }
}

// Whether all that was kept is present still.
bool ExtendedSearch::stays(std::size_t target) noexcept {
  if (loses_nothing()) return true;
  return !removed_ && std::ranges::none_of(positions_of(target), [this](std::int32_t position) {
    return position != kNoPosition && position < moved_;
  });
}

void ExtendedSearch::score_items() {
  if (by_categories_ || items_.empty()) return;
  scores_.resize(question_.targets().count * items_.size());
  question_.scorer().score(table_, items_, floors_, context_, scores_);
}

// Offers the target what was appended for it: each behaviour, or each item at its newest place.
void ExtendedSearch::collect(std::size_t target) {
  offered_.clear();
  offered_rows_.clear();
  const float floor = floors_[target];
  if (by_categories_) {
    const float score = traits_of(question_.options().unit).max_score;
    if (score < floor) return;
    const std::int64_t category = question_.targets().categories[target];
    for (const Appended& appended : appended_) {
      if (now_.categories[appended.sequence] != category) continue;
      if (!is_repeat(appended, target)) offer(appended, score);
    }
    return;
  }
  const float* scores = scores_.data() + target * items_.size();
  for (const Appended& appended : appended_) {
    const float score = scores[appended.item];
    if (score == kNoScore || score < floor) continue;
    if (!is_repeat(appended, target)) offer(appended, score);
  }
}

// In a distinct search, whether the target has seen a newer behaviour of the item.
bool ExtendedSearch::is_repeat(const Appended& appended, std::size_t target) {
  if (!question_.options().distinct || appended.item == kNoItem) return false;
  std::size_t& seen_by = seen_[static_cast<std::size_t>(appended.item)];
  return std::exchange(seen_by, target + 1) == target + 1;
}

void ExtendedSearch::offer(const Appended& appended, float score) {
  offered_.push_back(key_of(score, appended.sequence));
  if (!question_.options().distinct) return;
  const bool has_row = appended.item != kNoItem;
  offered_rows_.push_back(has_row ? items_[static_cast<std::size_t>(appended.item)] : -1);
}

// False: only a search anew can tell.
bool ExtendedSearch::extend_row(std::size_t target) {
  collect(target);
  if (offered_.empty() && stays(target)) {
    if (moved_ != 0) move(target);
    return true;
  }
  if (!recall(target)) return false;
  if (question_.options().distinct) drop_moved_items();
  std::sort(offered_.begin(), offered_.end(), std::greater<>());
  best_.resize(present_.size() + offered_.size());
  std::merge(present_.begin(), present_.end(), offered_.begin(), offered_.end(), best_.begin(),
             std::greater<>());
  best_.resize(std::min(best_.size(), k_));
  // All of these come before whatever else was eligible then, if they are enough.
  const bool was_full = positions_of(target).back() != kNoPosition;
  if (was_full && best_.size() < k_ && !stays(target)) return false;
  write(target);
  return true;
}

// Those that are present still. False: an item's newest place has been removed, and older ones of
// it were not kept beside it.
bool ExtendedSearch::recall(std::size_t target) {
  const std::span<const std::int32_t> positions = positions_of(target);
  const std::span<const float> scores = scores_of(target);
  present_.clear();
  for (std::size_t i = 0; i < k_ && positions[i] != kNoPosition; ++i) {
    if (positions[i] < moved_) continue;
    const std::int64_t sequence = remembered_.first + positions[i];
    if (!removed_ || now_.holds(sequence)) {
      present_.push_back(key_of(scores[i], sequence));
    } else if (question_.options().distinct) {
      return false;
    }
  }
  return true;
}

// Of items that were appended again, their older places.
void ExtendedSearch::drop_moved_items() {
  for (std::size_t i = 0; i < offered_.size(); ++i) {
    if (offered_rows_[i] < 0) continue;
    std::erase_if(present_, [&](OrderKey key) {
      return score_of(key) == score_of(offered_[i]) &&
             now_.row_of(now_.first() + position_of(key)) == offered_rows_[i];
    });
  }
}

// As of the history now.
void ExtendedSearch::move(std::size_t target) noexcept {
  const auto places = static_cast<std::int32_t>(moved_);
  for (std::int32_t& position : positions_of(target)) {
    position = position == kNoPosition ? kNoPosition : position - places;
  }
}

void ExtendedSearch::write(std::size_t target) noexcept {
  const std::span<std::int32_t> positions = positions_of(target);
  const std::span<float> scores = scores_of(target);
  for (std::size_t i = 0; i < best_.size(); ++i) {
    positions[i] = static_cast<std::int32_t>(position_of(best_[i]));
    scores[i] = score_of(best_[i]);
  }
  std::ranges::fill(positions.subspan(best_.size()), kNoPosition);
  std::ranges::fill(scores.subspan(best_.size()), kNoScore);
}

void ExtendedSearch::search_anew(const HistorySnapshot& now) {
  remembered_.is_whole = false;
  now.backend->search(now, question_.targets(), question_.options(), context_, kept_);
  question_.prepare(now);
  remembered_.positions.resize(question_.places());
  remembered_.scores.resize(question_.places());
  for (std::size_t t = 0; t < question_.targets().count; ++t) remember(t);
  finish();
}

void ExtendedSearch::search_anew(const HistorySnapshot& now, std::span<const std::size_t> targets) {
  KeptBuffer buffer;
  const KeptView found = buffer.cleared(targets.size(), k_);
  now.backend->search(now, some_of(question_.targets(), targets), question_.options(), context_,
                      found);
  for (std::size_t i = 0; i < targets.size(); ++i) {
    const KeptView row = found.rows(i, 1);
    kept_.rows(targets[i], 1).fill_from(row.positions().data(), row.scores().data());
    remember(targets[i]);
  }
  finish();
}

void ExtendedSearch::remember(std::size_t target) noexcept {
  const KeptView row = kept_.rows(target, 1);
  std::ranges::copy(row.positions(), positions_of(target).begin());
  std::ranges::copy(row.scores(), scores_of(target).begin());
}

void ExtendedSearch::finish() noexcept {
  remembered_.first = now_.first();
  remembered_.end = now_.end();
  remembered_.removals = now_.removals;
  remembered_.is_whole = true;
}

}  // namespace kleio
