#include "cpu/canonical_scorer.h"

#include <algorithm>
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
  return unit_ == Unit::kCosine
             ? canonical_cosine(dot, targets_.norm_sq(target), rows_.norm_sq(slot))
             : canonical_inner_product(dot);
}

void CanonicalScorer::float_dots(std::size_t target, std::span<const std::uint32_t> slots,
                                 double* dots) {
  const float* rows[kBatchRows];
  for (std::size_t i = 0; i < slots.size(); ++i) {
    const std::span<float> row(widened_.data() + i * rows_.dim(), rows_.dim());
    widen(rows_.embedding(slots[i]), rows_.dtype(), row);
    rows[i] = row.data();
  }
  kernels_.canonical_dots(targets_.values(target), rows, slots.size(), rows_.dim(), dots);
}

void CanonicalScorer::keys(std::size_t target, std::span<const std::uint32_t> slots,
                           const std::int32_t* dots, OrderKey* keys) {
  double batch[kBatchRows];
  for (std::size_t begin = 0; begin < slots.size(); begin += kBatchRows) {
    const auto slice = slots.subspan(begin, std::min(kBatchRows, slots.size() - begin));
    if (rows_.exact()) {
      for (std::size_t i = 0; i < slice.size(); ++i) batch[i] = dots[begin + i];
    } else {
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
