#include "cpu/search/canonical_scorer.h"

#include <algorithm>
#include <cassert>
#include <functional>

#include "core/quantise.h"
#include "core/score.h"

namespace kleio {

CanonicalScorer::CanonicalScorer(const Searchable& rows, const PreparedTargets& targets, Unit unit,
                                 const CpuKernels& kernels)
    : rows_(rows), targets_(targets), unit_(unit), kernels_(kernels) {
  if (!rows.exact()) widened_ = AlignedBuffer<float>(kBatchRows * rows.dim());
}

float CanonicalScorer::score(std::size_t target, std::uint32_t slot, double dot) const noexcept {
  return canonical_score(unit_, dot, targets_.norm_sq(target), [&] { return rows_.norm_sq(slot); });
}

const float* CanonicalScorer::float_row(std::uint32_t slot, std::size_t place) {
  const std::byte* embedding = rows_.embedding(slot);
  if (rows_.dtype() == Dtype::kFloat32 &&
      reinterpret_cast<std::uintptr_t>(embedding) % alignof(float) == 0) {
    return reinterpret_cast<const float*>(embedding);
  }
  const std::span<float> row(widened_.data() + place * rows_.dim(), rows_.dim());
  widen(embedding, rows_.dtype(), row);
  return row.data();
}

// Rows are scattered over a table that caches rarely hold: asking for a batch ahead overlaps
// misses.
void CanonicalScorer::prefetch_rows(std::span<const std::uint32_t> slots) const noexcept {
  const std::size_t bytes = rows_.dim() * size_of(rows_.dtype());
  for (const std::uint32_t slot : slots) {
    const std::byte* row = rows_.embedding(slot);
    for (std::size_t byte = 0; byte < bytes; byte += kCacheLine) __builtin_prefetch(row + byte);
  }
}

void CanonicalScorer::float_dots(std::size_t target, std::span<const std::uint32_t> slots,
                                 double* dots) {
  assert(slots.size() <= kBatchRows);
  const float* rows[kBatchRows];
  for (std::size_t i = 0; i < slots.size(); ++i) rows[i] = float_row(slots[i], i);
  kernels_.canonical_dots(targets_.values(target), rows, slots.size(), rows_.dim(), dots);
}

void CanonicalScorer::keys(std::size_t target, std::span<const std::uint32_t> slots,
                           const std::int32_t* dots, OrderKey* keys) {
  assert(slots.empty() || !rows_.exact() || dots != nullptr);
  double batch[kBatchRows];
  if (!rows_.exact()) prefetch_rows(slots.first(std::min(kBatchRows, slots.size())));
  for (std::size_t begin = 0; begin < slots.size(); begin += kBatchRows) {
    const auto slice = slots.subspan(begin, std::min(kBatchRows, slots.size() - begin));
    if (rows_.exact()) {
      for (std::size_t i = 0; i < slice.size(); ++i) batch[i] = dots[begin + i];
    } else {
      const auto ahead = slots.subspan(begin + slice.size());
      prefetch_rows(ahead.first(std::min(kBatchRows, ahead.size())));
      float_dots(target, slice, batch);
    }
    for (std::size_t i = 0; i < slice.size(); ++i) {
      keys[begin + i] =
          order_key(score(target, slice[i], batch[i]), rows_.newest_position(slice[i]));
    }
  }
}

void ScoreCompactor::compact(CandidateTile& candidates, std::size_t target) {
  const CandidateList list = candidates.list(target);
  const std::size_t count = candidates.counts[target];
  const std::size_t k = candidates.k;
  if (count <= k) return;
  counters_.canonical_compactions.fetch_add(1, std::memory_order_relaxed);
  keys_.resize(count);
  scorer_.keys(first_target_ + target, {list.slot, count}, list.extra, keys_.data());

  sorted_ = keys_;
  std::nth_element(sorted_.begin(), sorted_.begin() + static_cast<std::ptrdiff_t>(k - 1),
                   sorted_.end(), std::greater<>());
  const OrderKey kth = sorted_[k - 1];
  std::size_t kept = 0;
  for (std::size_t i = 0; i < count; ++i) {
    if (keys_[i] < kth) continue;
    list.rank[kept] = list.rank[i];
    list.extra[kept] = list.extra[i];
    list.slot[kept] = list.slot[i];
    ++kept;
  }
  candidates.counts[target] = static_cast<std::uint32_t>(kept);
  float& threshold = candidates.thresholds[target];
  threshold = std::max(threshold, targets_.threshold_for(first_target_ + target, score_of(kth)));
}

}  // namespace kleio
