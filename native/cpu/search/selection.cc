#include "cpu/search/selection.h"

#include <algorithm>
#include <cassert>
#include <functional>

namespace kleio {

void keep_largest(std::vector<OrderKey>& keys, std::size_t k) {
  if (keys.size() <= k) return;
  assert(k > 0);
  std::nth_element(keys.begin(), keys.begin() + static_cast<std::ptrdiff_t>(k - 1), keys.end(),
                   std::greater<>());
  keys.resize(k);
}

Selection::Selection(const Searchable& rows, const PreparedTargets& targets,
                     const SearchOptions& options, const CpuKernels& kernels, KeptView kept)
    : rows_(rows),
      targets_(targets),
      options_(options),
      kernels_(kernels),
      kept_(kept),
      scorer_(rows, targets, options.unit, kernels),
      slots_wanted_(std::min<std::size_t>(options.k, rows.slot_count())) {}

void Selection::choose(std::size_t target, std::span<const Collected> collected) {
  merge(target, collected);
  if (rows_.exact()) {
    keys_.resize(count_);
    scorer_.keys(target, {slots_.data(), count_}, extras_.data(), keys_.data());
  } else {
    score_certified(target);
  }
  write(target, keys_);
}

// Joins the threads' lists under the highest of their thresholds, and compacts the result.
void Selection::merge(std::size_t target, std::span<const Collected> collected) {
  assert(!collected.empty());
  std::size_t room = 0;
  threshold_ = collected.front().threshold;
  for (const Collected& part : collected) {
    room += part.count;
    threshold_ = std::max(threshold_, part.threshold);
  }
  ranks_.resize(room);
  extras_.resize(room);
  slots_.resize(room);
  const std::int32_t bound = rank_of(threshold_);
  count_ = 0;
  for (const Collected& part : collected) {
    const std::int32_t* judged = rows_.exact() ? part.list.rank : part.list.extra;
    for (std::size_t i = 0; i < part.count; ++i) {
      if (judged[i] < bound) continue;
      ranks_[count_] = part.list.rank[i];
      extras_[count_] = part.list.extra[i];
      slots_[count_] = part.list.slot[i];
      ++count_;
    }
  }

  auto count = static_cast<std::uint32_t>(count_);
  CandidateTile tile;
  tile.k = slots_wanted_;
  tile.capacity = tile.stride = room;
  tile.ranks = ranks_.data();
  tile.extras = extras_.data();
  tile.slots = slots_.data();
  tile.counts = &count;
  tile.thresholds = &threshold_;
  tile.tolerances = targets_.tolerances(target);
  (rows_.exact() ? kernels_.compact_exact : kernels_.compact_certified)(tile, 0);
  count_ = count;
}

// Rows whose lowest value reaches the threshold (about K of them) are scored first. The K-th best
// of their scores is a far better bound than the threshold, so of the doubtful rows few remain to
// read.
void Selection::score_certified(std::size_t target) {
  const std::int32_t sure = rank_of(threshold_);
  std::size_t first = 0;
  for (std::size_t i = 0; i < count_; ++i) {
    if (ranks_[i] < sure) continue;
    std::swap(ranks_[first], ranks_[i]);
    std::swap(extras_[first], extras_[i]);
    std::swap(slots_[first], slots_[i]);
    ++first;
  }
  if (first < slots_wanted_) first = count_;  // fewer rows than K: nothing can be ruled out
  keys_.resize(first);
  scorer_.keys(target, {slots_.data(), first}, nullptr, keys_.data());
  if (first == count_) return;

  best_ = keys_;
  keep_largest(best_, slots_wanted_);
  const OrderKey kth = *std::min_element(best_.begin(), best_.end());
  const std::int32_t bound = rank_of(targets_.threshold_for(target, score_of(kth)));
  doubtful_.clear();
  for (std::size_t i = first; i < count_; ++i) {
    if (extras_[i] >= bound) doubtful_.push_back(slots_[i]);
  }
  keys_.resize(first + doubtful_.size());
  scorer_.keys(target, doubtful_, nullptr, keys_.data() + first);
}

// The K best positions lie among the behaviours of the K best slots, ranked by score and newest
// behaviour: K slots before another one have K positions before all of its.
void Selection::write(std::size_t target, std::vector<OrderKey>& slot_keys) {
  keep_largest(slot_keys, slots_wanted_);
  std::sort(slot_keys.begin(), slot_keys.end(), std::greater<>());
  if (!options_.distinct) expand(slot_keys);
  const std::vector<OrderKey>& ranked = options_.distinct ? slot_keys : expanded_;
  KeptRow row = kept_.row(targets_.output_row(target));
  for (const OrderKey key : ranked) {
    const float score = score_of(key);
    if (row.is_full() || !(score >= options_.min_score)) break;
    row.add(static_cast<std::int32_t>(position_of(key)), score);
  }
}

// The positions of the ranked slots, best first, until K are certain.
void Selection::expand(std::span<const OrderKey> slot_keys) {
  const std::size_t k = options_.k;
  expanded_.clear();
  for (const OrderKey key : slot_keys) {
    // Slots of equal score share the remaining places by position: go on until the score falls.
    if (expanded_.size() >= k && key >> 32 != expanded_.back() >> 32) break;
    std::size_t of_slot = 0;
    rows_.for_each_position(position_of(key), [&](std::uint32_t position) {
      expanded_.push_back(order_key(score_of(key), position));
      return ++of_slot < k;
    });
  }
  if (!std::is_sorted(expanded_.begin(), expanded_.end(), std::greater<>())) {
    std::sort(expanded_.begin(), expanded_.end(), std::greater<>());
  }
}

}  // namespace kleio
