#include "cpu/search/row_scores.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <vector>

#include "core/quantise.h"

namespace kleio {
namespace {

// While a row is read, one further on is on its way.
__attribute__((always_inline)) inline void prefetch_ahead(const RowsView& table,
                                                          std::span<const std::int32_t> rows,
                                                          std::size_t i) noexcept {
  constexpr std::size_t kAhead = 12;
  if (i + kAhead < rows.size()) table.prefetch(static_cast<std::size_t>(rows[i + kAhead]));
}

// The rows of one call, as a kernel reads them, and their dots with one target after the other.
// Either of these has
//   kTaskProducts    what one task of the pool is worth: some tens of microseconds
//   norms_sq         of the rows
//   Dots             room for one task; `with` gives the dots of all rows, valid until the next

class ExactRows {
 public:
  static constexpr std::size_t kTaskProducts = std::size_t{1} << 20;

  ExactRows(const RowsView& table, std::span<const std::int32_t> chosen, const CpuKernels& kernels)
      : kernels_(kernels),
        dim_(table.dim),
        words_((dim_ + kDotWords - 1) / kDotWords * kDotWords),
        count_((chosen.size() + kDotRows - 1) / kDotRows * kDotRows),
        rows_(count_ * words_),
        norms_sq_(chosen.size()) {
    for (std::size_t i = 0; i < chosen.size(); ++i) {
      prefetch_ahead(table, chosen, i);
      const std::span row(rows_.data() + i * words_, words_);
      widen(table.row(static_cast<std::size_t>(chosen[i])), row);
      std::int32_t norm_sq = 0;
      for (const std::int16_t word : row) norm_sq += word * word;
      norms_sq_[i] = norm_sq;
    }
  }

  std::span<const double> norms_sq() const noexcept { return norms_sq_; }

  class Dots {
   public:
    explicit Dots(const ExactRows& rows) : rows_(rows), target_(rows.words_), dots_(rows.count_) {}

    const std::int32_t* with(const std::byte* target) noexcept {
      rows_.widen(target, target_);
      rows_.kernels_.exact_dots(target_.data(), rows_.rows_.data(), rows_.count_, rows_.words_,
                                dots_.data());
      return dots_.data();
    }

   private:
    const ExactRows& rows_;
    std::vector<std::int16_t> target_;
    std::vector<std::int32_t> dots_;
  };

 private:
  // The places behind the row's values stay zero.
  void widen(const std::byte* row, std::span<std::int16_t> words) const noexcept {
    std::copy_n(reinterpret_cast<const std::int8_t*>(row), dim_, words.begin());
  }

  const CpuKernels& kernels_;
  const std::size_t dim_;
  const std::size_t words_;
  const std::size_t count_;
  std::vector<std::int16_t> rows_;
  std::vector<double> norms_sq_;
};

class CanonicalRows {
 public:
  static constexpr std::size_t kTaskProducts = std::size_t{1} << 18;

  CanonicalRows(const RowsView& table, std::span<const std::int32_t> chosen,
                const CpuKernels& kernels)
      : kernels_(kernels),
        dtype_(table.dtype),
        dim_(table.dim),
        values_(chosen.size() * table.dim),
        rows_(chosen.size()),
        norms_sq_(chosen.size()) {
    for (std::size_t i = 0; i < chosen.size(); ++i) {
      prefetch_ahead(table, chosen, i);
      const std::span<float> row(values_.data() + i * dim_, dim_);
      widen(table.row(static_cast<std::size_t>(chosen[i])), dtype_, row);
      rows_[i] = row.data();
      norms_sq_[i] = norm_sq_of(row);
    }
  }

  std::span<const double> norms_sq() const noexcept { return norms_sq_; }

  class Dots {
   public:
    explicit Dots(const CanonicalRows& rows)
        : rows_(rows), narrow_(rows.dim_), target_(rows.dim_), dots_(rows.rows_.size()) {}

    const double* with(const std::byte* target) noexcept {
      widen(target, rows_.dtype_, narrow_);
      std::ranges::copy(narrow_, target_.begin());
      rows_.kernels_.canonical_dots(target_.data(), rows_.rows_.data(), rows_.rows_.size(),
                                    rows_.dim_, dots_.data());
      return dots_.data();
    }

   private:
    const CanonicalRows& rows_;
    std::vector<float> narrow_;
    std::vector<double> target_;
    std::vector<double> dots_;
  };

 private:
  const CpuKernels& kernels_;
  const Dtype dtype_;
  const std::size_t dim_;
  std::vector<float> values_;
  std::vector<const float*> rows_;
  std::vector<double> norms_sq_;
};

class CpuRowScorer final : public RowScorer {
 public:
  CpuRowScorer(const RowsView& table, const Targets& targets, Unit unit, const CpuKernels& kernels)
      : unit_(unit),
        kernels_(kernels),
        row_bytes_(table.row_bytes),
        gathered_(gathered(table, targets)),
        embeddings_(gathered_.empty() ? targets.embeddings.data() : gathered_.data()),
        norms_sq_(targets.count) {
    std::vector<float> values(table.dim);
    for (std::size_t t = 0; t < targets.count; ++t) {
      if (!targets.rows.empty() && targets.rows[t] < 0) continue;
      widen(embedding(t), table.dtype, values);
      norms_sq_[t] = norm_sq_of(values);
    }
  }

  void score(const RowsView& table, std::span<const std::int32_t> rows,
             std::span<const float> floors, const CallContext& context,
             std::span<float> scores) const override {
    if (rows.empty() || norms_sq_.empty()) return;
    if (has_exact_codes(table.dtype)) {
      score_as<ExactRows>(table, rows, floors, context, scores);
    } else {
      score_as<CanonicalRows>(table, rows, floors, context, scores);
    }
  }

  std::size_t byte_size() const noexcept override {
    return sizeof(CpuRowScorer) + gathered_.capacity() + norms_sq_.capacity() * sizeof(double);
  }

 private:
  // Rows of a table lie scattered over memory that is not cached: those of the targets side by
  // side.
  static std::vector<std::byte> gathered(const RowsView& table, const Targets& targets) {
    std::vector<std::byte> embeddings(targets.rows.size() * table.row_bytes);
    for (std::size_t t = 0; t < targets.rows.size(); ++t) {
      if (targets.rows[t] < 0) continue;
      std::copy_n(table.row(static_cast<std::size_t>(targets.rows[t])), table.row_bytes,
                  embeddings.data() + t * table.row_bytes);
    }
    return embeddings;
  }

  template <typename Rows>
  void score_as(const RowsView& table, std::span<const std::int32_t> chosen,
                std::span<const float> floors, const CallContext& context,
                std::span<float> scores) const {
    const std::size_t count = chosen.size();
    const Rows rows(table, chosen, kernels_);
    const std::vector<double> estimates = estimates_per_dot(rows.norms_sq());
    const std::size_t tile = std::max<std::size_t>(1, Rows::kTaskProducts / (count * table.dim));
    context.parallel_for((norms_sq_.size() + tile - 1) / tile, [&](std::size_t task) {
      context.throw_if_cancelled();
      typename Rows::Dots dots(rows);
      const std::size_t end = std::min((task + 1) * tile, norms_sq_.size());
      for (std::size_t t = task * tile; t < end; ++t) {
        const std::span<float> to = scores.subspan(t * count, count);
        const auto* const of_rows = dots.with(embedding(t));
        if (norms_sq_[t] == 0 || !reaches(of_rows, estimates, lowest_estimate(t, floors[t]))) {
          std::ranges::fill(to, kNoScore);
        } else {
          score_target(of_rows, norms_sq_[t], rows.norms_sq(), to);
        }
      }
    });
  }

  // What a dot is multiplied with for an estimate of the score with a target, but for the target's
  // part: neither root nor division a pair.
  std::vector<double> estimates_per_dot(std::span<const double> norms_sq) const {
    std::vector<double> factors(norms_sq.size(), 1);
    if (!traits_of(unit_).normalised) return factors;
    for (std::size_t i = 0; i < norms_sq.size(); ++i) {
      factors[i] = norms_sq[i] == 0 ? 0 : 1 / std::sqrt(norms_sq[i]);
    }
    return factors;
  }

  // No row whose score reaches the floor is estimated below this: far more than all rounding, of
  // float32 scores below its normal range too, lies between them.
  double lowest_estimate(std::size_t target, float floor) const noexcept {
    // All that is less has this score too.
    if (floor <= -kMaxScore) return -std::numeric_limits<double>::infinity();
    const double value = floor;
    const double lowest = value - std::fabs(value) * 0x1p-20 - 0x1p-149;
    return traits_of(unit_).normalised ? lowest * std::sqrt(norms_sq_[target]) : lowest;
  }

  template <typename Dot>
  static bool reaches(const Dot* dots, std::span<const double> per_dot, double lowest) noexcept {
    bool reached = false;
    for (std::size_t i = 0; i < per_dot.size(); ++i) reached |= dots[i] * per_dot[i] >= lowest;
    return reached;
  }

  template <typename Dot>
  void score_target(const Dot* dots, double target_norm_sq, std::span<const double> norms_sq,
                    std::span<float> scores) const noexcept {
    for (std::size_t i = 0; i < scores.size(); ++i) {
      scores[i] = norms_sq[i] == 0 ? kNoScore
                                   : canonical_score(unit_, dots[i], target_norm_sq,
                                                     [&] { return norms_sq[i]; });
    }
  }

  const std::byte* embedding(std::size_t target) const noexcept {
    return embeddings_ + target * row_bytes_;
  }

  const Unit unit_;
  const CpuKernels& kernels_;
  const std::size_t row_bytes_;
  const std::vector<std::byte> gathered_;  // empty: the targets came as embeddings
  const std::byte* const embeddings_;      // of the targets
  std::vector<double> norms_sq_;           // 0: absent or without direction, keeps nothing
};

}  // namespace

std::unique_ptr<RowScorer> make_cpu_row_scorer(const RowsView& table, const Targets& targets,
                                               Unit unit, const CpuKernels& kernels) {
  return std::make_unique<CpuRowScorer>(table, targets, unit, kernels);
}

}  // namespace kleio
