// GSU select: from bounded groups of rows (blocks, or a list) to a target's K best behaviours, one
// block of threads a target. On a GPU that is a thread block or a warp (core/select_width.h).
//
// Method    1. threshold: a certified lower bound of the K-th best score, from the bounds
//           2. visit: the rows of every group whose upper bound reaches it, the last groups first
//           3. score canonically what still reaches it, keep the K largest keys
//           4. expand items to positions along steps_back
// Exact     K groups hold a row that reaches the threshold, so a row of the K best does, and its
//           group is visited. No buffer bounds what is found: full ones are worked off or
//           compacted, and thresholds only rise; where a list was full, all rows are visited,
//           against the threshold of those it holds. Keys are unique, so nothing depends on the
//           order of visits.
// Ties      the more recent behaviour first (core/order.h).
// Cost      two passes over 4 bytes a group, then code_row_bytes for each row of about k groups
//           where scores differ; float tables: value_row_bytes for about k rows.
// Latency   is what a target waits for: the loads of a phase are issued together, groups_per_thread
//           of bounds, eight of rows; norms and canonical scores wait until there is a batch.
#pragma once

#include <cmath>
#include <cstdint>

#include "core/order.h"
#include "cuda/kernels/bit_counts.cuh"
#include "cuda/kernels/block_algorithms.cuh"
#include "cuda/kernels/block_threshold.cuh"
#include "cuda/kernels/bounded_rows.cuh"
#include "cuda/kernels/canonical_row.cuh"
#include "cuda/kernels/execution.h"
#include "cuda/kernels/expand_positions.cuh"
#include "cuda/kernels/history_slot.cuh"
#include "cuda/kernels/key_buffer.cuh"
#include "cuda/kernels/row_dots.cuh"
#include "cuda/kernels/search_params.h"
#include "cuda/kernels/select_layout.h"

namespace kleio::cuda {

template <typename Block, CodeType kCode>
class Select {
 public:
  // Needs select_layout(Block::kThreads, params.k).bytes of shared memory.
  KLEIO_KERNEL_CODE Select(Block& block, const SelectParams& params, std::uint32_t target)
      : block_(block),
        params_(params),
        table_(params.search.table),
        target_(target),
        record_(params.search.targets.records[target]),
        history_(params.search.histories[record_.history]),
        groups_(params.search, history_, target),
        layout_(select_layout(Block::kThreads, params.k)),
        proven_(is_proven(record_)),
        words_(block.template shared<std::uint32_t>(layout_.words, kWarpLanes)),
        list_(block.template shared<std::uint32_t>(layout_.list, layout_.list_capacity)),
        rows_(block.template shared<std::uint32_t>(layout_.rows, Block::kThreads)),
        survivors_(
            block.template shared<std::uint64_t>(layout_.survivors, layout_.survivor_capacity)),
        exact_dots_(block.template shared<std::int32_t>(layout_.dots, layout_.survivor_capacity)),
        cursors_(block.template shared<OrderKey>(layout_.cursors, params.k)),
        best_(block, block.template shared<OrderKey>(layout_.keys, layout_.key_capacity), words_,
              layout_.key_capacity, params.k),
        dots_(block, params.search, target) {}

  KLEIO_KERNEL_CODE bool is_padding() const { return record_.output == kNoOutput; }

  // Leaves the kept keys in keys(), best first, and returns how many there are, at most k.
  KLEIO_KERNEL_CODE std::uint32_t run() {
    if (record_.norm_sq == 0 || history_.slots == 0) return 0;
    if (proven_) find_threshold();
    if (!proven_ || groups_.are_cut()) groups_.take_all(history_);
    visit_groups();
    best_.keep_largest();
    if (params_.distinct == 0 && history_.steps_back != nullptr) {
      expand_positions(block_, history_, params_.k, cursors_, best_);
    }
    return best_.count();
  }

  KLEIO_KERNEL_CODE const typename KeyBuffer<Block>::Keys& keys() const { return best_.keys(); }

  // Writes the target's row of the results.
  KLEIO_KERNEL_CODE void write(std::uint32_t count) {
    block_.each([&](std::uint32_t thread) {
      const std::uint64_t first = std::uint64_t{record_.output} * params_.k;
      for (std::uint32_t i = thread; i < params_.k; i += Block::kThreads) {
        params_.positions[first + i] =
            i < count ? static_cast<std::int32_t>(position_of(keys().get(i))) : -1;
        params_.scores[first + i] = i < count ? score_of(keys().get(i)) : -infinity();
      }
      if (thread == 0 && params_.counts != nullptr) {
        params_.counts[record_.output] = {visited_rows_, best_.compactions(),
                                          groups_.are_cut() ? 1u : 0u};
      }
    });
  }

 private:
  struct Candidate {
    std::uint32_t row = kNoRow;
    std::uint32_t newest = 0;  // position
    float factor = 0;
  };
  template <typename T>
  using PerThread = typename Block::template PerThread<T>;
  template <typename T>
  using Shared = typename Block::template Shared<T>;

  static constexpr std::uint32_t kGroups = groups_per_thread(Block::kThreads);

  KLEIO_KERNEL_CODE static float infinity() { return float_of_bits(0x7f800000u); }

  KLEIO_KERNEL_CODE void find_threshold() {
    const bool weighted = groups_.lower() != nullptr;
    const auto maxima =
        block_.template shared<std::uint32_t>(layout_.maxima, layout_.maxima_capacity);
    const std::uint32_t bits =
        BlockThreshold<Block>(block_, words_, maxima, layout_.maxima_capacity,
                              weighted ? groups_.lower() : groups_.upper(), groups_.count(),
                              params_.k)
            .bits();
    cut_ = certified_cut(record_, bits, weighted ? 0.0f : record_.margin);
  }

  KLEIO_KERNEL_CODE bool is_worth_visiting(float upper) const {
    const float margin = groups_.lower() != nullptr ? 0.0f : record_.margin;
    return upper > -infinity() && upper + margin >= cut_;
  }

  KLEIO_KERNEL_CODE void visit_groups() {
    constexpr std::uint32_t kSpan = kGroups * Block::kThreads;
    std::uint32_t listed = 0;
    for (std::uint32_t end = groups_.count(); end > 0;) {
      listed += list_groups(end, listed);
      end -= end < kSpan ? end : kSpan;
      if (end > 0 && listed + kSpan <= layout_.list_capacity) continue;
      visit_listed(listed);
      listed = 0;
    }
    score_survivors();
  }

  // Which of the thread's groups end - 1 - thread, end - 1 - thread - kThreads, ... are worth
  // visiting, as bits. All of their bounds are on the way before the first is looked at.
  KLEIO_KERNEL_CODE std::uint32_t groups_worth_visiting(std::uint32_t end,
                                                        std::uint32_t thread) const {
    if (thread >= end) return 0;
    const std::uint32_t before = end - 1 - thread;
    if (groups_.upper() == nullptr) {
      const std::uint32_t present = before / Block::kThreads + 1;
      return present < kGroups ? (1u << present) - 1 : (1u << kGroups) - 1;
    }
    float upper[kGroups];
    const float* const last = groups_.upper() + before;
    KLEIO_UNROLL for (std::uint32_t i = 0; i < kGroups; ++i) {
      const std::uint32_t back = i * Block::kThreads;
      upper[i] = back <= before ? block_.published(last - back) : -infinity();
    }
    std::uint32_t bits = 0;
    KLEIO_UNROLL for (std::uint32_t i = 0; i < kGroups; ++i) {
      bits |= is_worth_visiting(upper[i]) ? 1u << i : 0u;
    }
    return bits;
  }

  // Lists those of the groups below `end`, down to kSpan before it, that are worth visiting.
  KLEIO_KERNEL_CODE std::uint32_t list_groups(std::uint32_t end, std::uint32_t listed) {
    PerThread<std::uint32_t> found;  // bits
    block_.each([&](std::uint32_t thread) { found[thread] = groups_worth_visiting(end, thread); });
    return block_prefix(
        block_, words_, [&](std::uint32_t thread) { return count_ones(found[thread]); },
        [&](std::uint32_t thread, std::uint32_t before) {
          std::uint32_t place = listed + before;
          for (std::uint32_t bits = found[thread]; bits != 0; bits &= bits - 1) {
            list_.set(place++, end - 1 - lowest_one(bits) * Block::kThreads - thread);
          }
        });
  }

  KLEIO_KERNEL_CODE void visit_listed(std::uint32_t listed) {
    const std::uint32_t total = listed << groups_.log2_rows_per_group();
    visited_rows_ += total;
    for (std::uint32_t first = 0; first < total; first += Block::kThreads) {
      visit_rows(first, total);
    }
  }

  // The rows of listed groups, numbered first .. first + kThreads - 1.
  KLEIO_KERNEL_CODE void visit_rows(std::uint32_t first, std::uint32_t total) {
    block_.each([&](std::uint32_t thread) {
      const std::uint32_t i = first + thread;
      candidate_[thread] = i < total ? candidate(i) : Candidate{};
      rows_.set(thread, candidate_[thread].row);
    });
    block_.barrier();
    dots_.compute(rows_);
    collect_survivors();
  }

  KLEIO_KERNEL_CODE Candidate candidate(std::uint32_t i) const {
    const std::uint32_t shift = groups_.log2_rows_per_group();
    const std::uint32_t slot = groups_.slot(list_.get(i >> shift), i % (1u << shift));
    if (slot >= history_.slots) return {};
    const HistorySlot found = slot_of_history(history_, slot);
    if (found.newest == kNotEligible) return {};
    return {found.row, found.newest, table_.factors[found.row]};
  }

  // Whether the row could be one of the K best, as far as the dot of its codes tells.
  KLEIO_KERNEL_CODE bool reaches(std::uint32_t thread) const {
    const Candidate& row = candidate_[thread];
    if (row.row == kNoRow || !(row.factor == row.factor)) return false;
    if (!proven_) return true;
    const float weight = table_.weights == nullptr ? 1.0f : table_.weights[row.row];
    const float estimate = static_cast<float>(dots_.of(thread)) * row.factor;
    return estimate + weight * record_.margin >= cut_;
  }

  KLEIO_KERNEL_CODE OrderKey key_of(double dot, std::uint32_t row, std::uint32_t newest) const {
    const float score = canonical_score(params_.unit, dot, record_.norm_sq, table_, row);
    return score >= history_.min_score ? order_key(score, newest) : kNoKey;
  }

  // Scoring waits until there are rows for all threads. The dot of int8 codes is the exact one.
  KLEIO_KERNEL_CODE void collect_survivors() {
    PerThread<std::uint32_t> survives;
    block_.each([&](std::uint32_t thread) { survives[thread] = reaches(thread) ? 1u : 0u; });
    surviving_ += block_places(
        block_, words_, [&](std::uint32_t thread) { return survives[thread] != 0; },
        [&](std::uint32_t thread, std::uint32_t before) {
          if (survives[thread] == 0) return;
          const Candidate& row = candidate_[thread];
          survivors_.set(surviving_ + before, std::uint64_t{row.row} << 32 | row.newest);
          if constexpr (kCode == CodeType::kInt8) {
            exact_dots_.set(surviving_ + before, dots_.of(thread));
          }
        });
    if (surviving_ + Block::kThreads > layout_.survivor_capacity) score_survivors();
  }

  KLEIO_KERNEL_CODE void score_survivors() {
    for (std::uint32_t first = 0; first < surviving_; first += Block::kThreads) {
      block_.each([&](std::uint32_t thread) {
        key_[thread] = kNoKey;
        if (first + thread >= surviving_) return;
        const std::uint64_t survivor = survivors_.get(first + thread);
        const auto row = static_cast<std::uint32_t>(survivor >> 32);
        key_[thread] =
            key_of(exact_dot(first + thread, row), row, static_cast<std::uint32_t>(survivor));
      });
      offer();
    }
    surviving_ = 0;
  }

  KLEIO_KERNEL_CODE double exact_dot(std::uint32_t survivor, std::uint32_t row) const {
    if constexpr (kCode == CodeType::kInt8) return exact_dots_.get(survivor);
    const float* target =
        params_.search.targets.values + std::uint64_t{target_} * target_row_values(table_.dim);
    return canonical_dot(table_, row, target,
                         [](const std::byte* address) { return Block::load(address); });
  }

  // Offers every thread's key; if that compacted the buffer, its floor is a better threshold.
  KLEIO_KERNEL_CODE void offer() {
    const std::uint32_t before = best_.compactions();
    best_.offer([&](std::uint32_t thread) { return key_[thread]; });
    if (best_.compactions() == before || best_.floor() == kNoKey || !proven_) return;
    // Relative 1e-6 covers the roundings of the product and of the score.
    const float bound = score_of(best_.floor()) * record_.estimate_per_score;
    cut_ = fmaxf(cut_, bound - fabsf(bound) * 1e-6f);
  }

  Block& block_;
  const SelectParams& params_;
  const TableParams& table_;
  const std::uint32_t target_;
  const TargetRecord record_;
  const HistoryParams history_;
  BoundedRows groups_;
  const SelectLayout layout_;
  const bool proven_;  // estimates of this target have a bound
  const WarpWords<Block> words_;
  const Shared<std::uint32_t> list_;
  const Shared<std::uint32_t> rows_;
  const Shared<std::uint64_t> survivors_;
  const Shared<std::int32_t> exact_dots_;
  const Shared<OrderKey> cursors_;
  float cut_ = -float_of_bits(0x7f800000u);
  std::uint32_t surviving_ = 0;
  std::uint32_t visited_rows_ = 0;
  KeyBuffer<Block> best_;
  RowDots<Block, kCode> dots_;
  PerThread<Candidate> candidate_;
  PerThread<OrderKey> key_;
};

}  // namespace kleio::cuda
