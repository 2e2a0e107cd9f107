// From a target's candidates to its kept positions: prune, score canonically, rank, expand, write.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "core/order.h"
#include "core/search.h"
#include "cpu/scan/prepared_targets.h"
#include "cpu/scan/scan_kernels.h"
#include "cpu/search/canonical_scorer.h"
#include "cpu/search/searchable.h"

namespace kleio {

// What one thread's scan has collected for a target.
struct Collected {
  CandidateList list;
  std::size_t count = 0;
  float threshold = 0;
};

// One selection a thread: it owns scratch memory.
class Selection {
 public:
  Selection(const Searchable& rows, const PreparedTargets& targets, const SearchOptions& options,
            const CpuKernels& kernels, KeptView kept);

  // Writes the places of `target`, given what every thread that scanned rows for it has collected.
  void choose(std::size_t target, std::span<const Collected> collected);

  // The same, given the order keys of slots that hold the K best. Reorders `slot_keys`.
  void write(std::size_t target, std::vector<OrderKey>& slot_keys);

 private:
  void merge(std::size_t target, std::span<const Collected> collected);
  void score_certified(std::size_t target);
  void expand(std::span<const OrderKey> slot_keys);

  const Searchable& rows_;
  const PreparedTargets& targets_;
  const SearchOptions& options_;
  const CpuKernels& kernels_;
  KeptView kept_;
  CanonicalScorer scorer_;
  std::size_t slots_wanted_;  // K, or all slots there are

  // The merged list.
  std::vector<std::int32_t> ranks_;
  std::vector<std::int32_t> extras_;
  std::vector<std::uint32_t> slots_;
  std::size_t count_ = 0;
  float threshold_ = 0;

  std::vector<std::uint32_t> doubtful_;
  std::vector<OrderKey> keys_;
  std::vector<OrderKey> best_;
  std::vector<OrderKey> expanded_;
};

// Reorders `keys` so that it holds the `k` largest only.
void keep_largest(std::vector<OrderKey>& keys, std::size_t k);

}  // namespace kleio
