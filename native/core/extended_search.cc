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

// Up to so many appended behaviours, or this share of the slots, what is remembered serves. Beyond
// it a search anew is quicker: of 60 000 items of 128 int8, between 1024 (0.54 ms of 0.79 ms, 16
// targets) and 1800 (0.99 ms of 0.83 ms) appended; Xeon, 2 threads.
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

const RowScorer& LastingQuestion::scorer(const HistorySnapshot& history) const {
  std::call_once(made_, [&] {
    scorer_ = history.backend->make_row_scorer(history.table->view(), targets_, options_.unit);
    scorer_bytes_ = scorer_->byte_size();
  });
  return *scorer_;
}

std::size_t LastingQuestion::byte_size() const noexcept {
  return sizeof(LastingQuestion) + targets_.embeddings.capacity() +
         targets_.rows.capacity() * sizeof(std::int32_t) +
         targets_.categories.capacity() * sizeof(std::int64_t) + scorer_bytes_ +
         options_.excluded_rows.capacity() * sizeof(std::int32_t) +
         options_.excluded_ids.capacity() * sizeof(std::int64_t);
}

void prefetch_rows(const LastingQuestion& question, const HistorySnapshot& now,
                   const RememberedKept& remembered) noexcept {
  if (!traits_of(question.options().unit).reads_embeddings) return;
  const RowsView table = now.table->view();
  const std::int64_t begin = std::max(remembered.end, now.first());
  if (now.end() - begin > kFewAppended) return;
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
      moved_(now.first() != remembered.first),
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
  score_items();
  std::vector<std::size_t> uncertain;
  remembered_.is_whole = false;
  for (std::size_t t = 0; t < question_.targets().count; ++t) {
    if (!extend_row(t)) uncertain.push_back(t);
  }
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

void ExtendedSearch::score_items() {
  if (by_categories_ || items_.empty()) return;
  scores_.resize(question_.targets().count * items_.size());
  question_.scorer(now_).score(table_, items_, context_, scores_);
}

// Offers the target what was appended for it: each behaviour, or each item at its newest place.
void ExtendedSearch::collect(std::size_t target, float bound) {
  offered_.clear();
  offered_rows_.clear();
  if (by_categories_) {
    const std::int64_t category = question_.targets().categories[target];
    for (const Appended& appended : appended_) {
      if (now_.categories[appended.sequence] != category) continue;
      if (is_repeat(appended, target)) continue;
      offer(appended, traits_of(question_.options().unit).max_score, bound);
    }
    return;
  }
  const float* scores = scores_.data() + target * items_.size();
  for (const Appended& appended : appended_) {
    if (is_repeat(appended, target)) continue;
    offer(appended, scores[appended.item], bound);
  }
}

// In a distinct search, whether the target has seen a newer behaviour of the item.
bool ExtendedSearch::is_repeat(const Appended& appended, std::size_t target) {
  if (!question_.options().distinct || appended.item == kNoItem) return false;
  std::size_t& seen_by = seen_[static_cast<std::size_t>(appended.item)];
  return std::exchange(seen_by, target + 1) == target + 1;
}

void ExtendedSearch::offer(const Appended& appended, float score, float bound) {
  if (score == kNoScore || !(score >= question_.options().min_score) || score < bound) return;
  offered_.push_back(key_of(score, appended.sequence));
  if (!question_.options().distinct) return;
  const bool has_row = appended.item != kNoItem;
  offered_rows_.push_back(has_row ? items_[static_cast<std::size_t>(appended.item)] : -1);
}

// False: only a search anew can tell.
bool ExtendedSearch::extend_row(std::size_t target) {
  const std::span<const std::int64_t> sequences = sequences_of(target);
  const bool was_full = sequences.back() != kNoSequence;
  const float last_score = scores_of(target).back();
  // What ties with the last one is more recent than it.
  collect(target, was_full && loses_nothing() ? last_score : kNoScore);
  if (offered_.empty() && loses_nothing()) {
    write_same(target);
    return true;
  }
  if (!recall(target)) return false;
  if (question_.options().distinct) drop_moved_items();
  std::sort(offered_.begin(), offered_.end(), std::greater<>());
  best_.resize(present_.size() + offered_.size());
  std::merge(present_.begin(), present_.end(), offered_.begin(), offered_.end(), best_.begin(),
             std::greater<>());
  best_.resize(std::min(best_.size(), k_));
  if (was_full && !loses_nothing()) {
    const OrderKey last = key_of(last_score, std::max(sequences.back(), now_.first()));
    if (best_.size() < k_ || best_.back() < last) return false;
  }
  write(target);
  return true;
}

// Those that are present still. False: an item's newest place has been removed, and older ones of
// it were not kept beside it.
bool ExtendedSearch::recall(std::size_t target) {
  const std::span<const std::int64_t> sequences = sequences_of(target);
  const std::span<const float> scores = scores_of(target);
  present_.clear();
  for (std::size_t i = 0; i < k_ && sequences[i] != kNoSequence; ++i) {
    if (sequences[i] < now_.first()) continue;
    if (!removed_ || now_.holds(sequences[i])) {
      present_.push_back(key_of(scores[i], sequences[i]));
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

void ExtendedSearch::write_same(std::size_t target) noexcept {
  const KeptView row = kept_.rows(target, 1);
  const std::span<const std::int64_t> sequences = sequences_of(target);
  std::size_t kept = k_;
  while (kept > 0 && sequences[kept - 1] == kNoSequence) --kept;
  // A position has 31 bits: the low halves tell it.
  const auto first = static_cast<std::uint32_t>(now_.first());
  std::int32_t* const positions = row.positions().data();
  for (std::size_t i = 0; i < kept; ++i) {
    positions[i] = static_cast<std::int32_t>(static_cast<std::uint32_t>(sequences[i]) - first);
  }
  std::ranges::fill(row.positions().subspan(kept), kNoPosition);
  std::ranges::copy(scores_of(target), row.scores().begin());
}

void ExtendedSearch::write(std::size_t target) noexcept {
  const std::span<std::int64_t> sequences = sequences_of(target);
  const std::span<float> scores = scores_of(target);
  for (std::size_t i = 0; i < best_.size(); ++i) {
    sequences[i] = now_.first() + position_of(best_[i]);
    scores[i] = score_of(best_[i]);
  }
  std::ranges::fill(sequences.subspan(best_.size()), kNoSequence);
  std::ranges::fill(scores.subspan(best_.size()), kNoScore);
  write_same(target);
}

void ExtendedSearch::search_anew(const HistorySnapshot& now) {
  remembered_.is_whole = false;
  now.backend->search(now, question_.targets(), question_.options(), context_, kept_);
  remembered_.sequences.resize(question_.places());
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
  const std::int64_t first = now_.first();
  std::ranges::transform(row.positions(), sequences_of(target).begin(), [first](std::int32_t p) {
    return p == kNoPosition ? kNoSequence : first + p;
  });
  std::ranges::copy(row.scores(), scores_of(target).begin());
}

void ExtendedSearch::finish() noexcept {
  remembered_.first = now_.first();
  remembered_.end = now_.end();
  remembered_.removals = now_.removals;
  remembered_.is_whole = true;
}

}  // namespace kleio
