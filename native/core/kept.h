// What searches keep: for each target the K best behaviours, best first.
//
// Shape   [count, k] row-major, positions and scores side by side.
// Empty   a row is filled from its front; the places behind hold kNoPosition and kNoScore.
#pragma once

#include <algorithm>
#include <cassert>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <span>
#include <vector>

namespace kleio {

inline constexpr std::int32_t kNoPosition = -1;
inline constexpr float kNoScore = -std::numeric_limits<float>::infinity();

// One target's places, being filled from the front.
class KeptRow {
 public:
  KeptRow(std::int32_t* positions, float* scores, std::size_t k) noexcept
      : positions_(positions), scores_(scores), left_(k) {}

  bool is_full() const noexcept { return left_ == 0; }
  // Not for a full row.
  void add(std::int32_t position, float score) noexcept {
    assert(!is_full());
    *positions_++ = position;
    *scores_++ = score;
    --left_;
  }

 private:
  std::int32_t* positions_;
  float* scores_;
  std::size_t left_;
};

// The results of a call in somebody else's memory.
class KeptView {
 public:
  KeptView() = default;
  // Both of one length, a multiple of `k`.
  KeptView(std::span<std::int32_t> positions, std::span<float> scores, std::size_t k) noexcept
      : positions_(positions), scores_(scores), k_(k) {
    assert(positions.size() == scores.size());
    assert(k == 0 ? positions.empty() : positions.size() % k == 0);
  }

  std::size_t k() const noexcept { return k_; }
  std::span<std::int32_t> positions() const noexcept { return positions_; }
  std::span<float> scores() const noexcept { return scores_; }

  // The places of `count` targets from `first` on.
  KeptView rows(std::size_t first, std::size_t count) const noexcept {
    return {positions_.subspan(first * k_, count * k_), scores_.subspan(first * k_, count * k_),
            k_};
  }
  KeptRow row(std::size_t target) const noexcept {
    assert((target + 1) * k_ <= positions_.size());
    return {positions_.data() + target * k_, scores_.data() + target * k_, k_};
  }

  void clear() const noexcept {
    std::ranges::fill(positions_, kNoPosition);
    std::ranges::fill(scores_, kNoScore);
  }
  // Takes over as many places as there are of what was kept elsewhere.
  void fill_from(const std::int32_t* positions, const float* scores) const noexcept {
    std::copy_n(positions, positions_.size(), positions_.data());
    std::copy_n(scores, scores_.size(), scores_.data());
  }

 private:
  std::span<std::int32_t> positions_;
  std::span<float> scores_;
  std::size_t k_ = 0;
};

// Results of one's own, whose memory is used again.
class KeptBuffer {
 public:
  // Empty places for `count` targets, until the next call.
  KeptView cleared(std::size_t count, std::size_t k) {
    positions_.resize(count * k);
    scores_.resize(count * k);
    const KeptView kept(positions_, scores_, k);
    kept.clear();
    return kept;
  }

 private:
  std::vector<std::int32_t> positions_;
  std::vector<float> scores_;
};

}  // namespace kleio
