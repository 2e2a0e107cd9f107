// Canonical scores of chosen rows: the last word on what is kept, in which order.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "core/order.h"
#include "core/search.h"
#include "cpu/scan/candidates.h"
#include "cpu/scan/prepared_targets.h"
#include "cpu/scan/scan_kernels.h"
#include "cpu/search/searchable.h"

namespace kleio {

// One scorer a thread: it owns scratch memory.
class CanonicalScorer {
 public:
  CanonicalScorer(const Searchable& rows, const PreparedTargets& targets, Unit unit,
                  const CpuKernels& kernels);

  // keys[i] = order key of slots[i]: its score and the position of its newest eligible behaviour.
  // dots[i] is the exact dot where codes are exact; otherwise `dots` is not read.
  void keys(std::size_t target, std::span<const std::uint32_t> slots, const std::int32_t* dots,
            OrderKey* keys);

 private:
  static constexpr std::size_t kBatchRows = 16;
  const float* float_row(std::uint32_t slot, std::size_t place);
  void prefetch_rows(std::span<const std::uint32_t> slots) const noexcept;
  void float_dots(std::size_t target, std::span<const std::uint32_t> slots, double* dots);
  float score(std::size_t target, std::uint32_t slot, double dot) const noexcept;

  const Searchable& rows_;
  const PreparedTargets& targets_;
  Unit unit_;
  const CpuKernels& kernels_;
  AlignedBuffer<float> widened_;  // [kBatchRows][dim], for narrower floats and misaligned rows
};

// Compacts candidate lists by canonical scores, when estimates cannot tell the rows apart.
class ScoreCompactor final : public CanonicalCompactor {
 public:
  // `first_target`: the tile's place among the prepared targets.
  ScoreCompactor(CanonicalScorer& scorer, const PreparedTargets& targets, std::size_t first_target,
                 SearchCounters& counters)
      : scorer_(scorer), targets_(targets), first_target_(first_target), counters_(counters) {}

  void compact(CandidateTile& candidates, std::size_t target) override;

 private:
  CanonicalScorer& scorer_;
  const PreparedTargets& targets_;
  std::size_t first_target_;
  SearchCounters& counters_;
  std::vector<OrderKey> keys_;
  std::vector<OrderKey> sorted_;
};

}  // namespace kleio
