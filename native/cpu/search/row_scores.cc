#include "cpu/search/row_scores.h"

#include <algorithm>
#include <array>
#include <vector>

#include "core/quantise.h"
#include "cpu/simd/aligned_buffer.h"

namespace kleio {
namespace {

// Products that one task of the pool is worth: some tens of microseconds.
constexpr std::size_t kTaskProducts = std::size_t{1} << 18;

double norm_sq_of(const std::byte* row, const RowsView& table) noexcept {
  std::array<float, kMaxDim> widened;
  std::array<std::int8_t, kMaxDim> codes;
  return encode_row(row, table.dtype, std::span(widened).first(table.dim),
                    std::span(codes).first(table.dim))
      .norm_sq;
}

// The rows of one call, as the kernel reads them.
struct WidenedRows {
  WidenedRows(const RowsView& table, std::span<const std::int32_t> chosen)
      : values(chosen.size() * table.dim), rows(chosen.size()), norms_sq(chosen.size()) {
    const auto row_of = [&](std::size_t i) {
      return table.row(static_cast<std::size_t>(chosen[i]));
    };
    for (std::size_t i = 0; i < chosen.size(); ++i) {  // scattered over a table that is not cached
      for (std::size_t byte = 0; byte < table.row_bytes; byte += kCacheLine) {
        __builtin_prefetch(row_of(i) + byte);
      }
    }
    for (std::size_t i = 0; i < chosen.size(); ++i) {
      const std::span<float> row(values.data() + i * table.dim, table.dim);
      widen(row_of(i), table.dtype, row);
      rows[i] = row.data();
      norms_sq[i] = norm_sq_of(row_of(i), table);
    }
  }

  std::vector<float> values;
  std::vector<const float*> rows;
  std::vector<double> norms_sq;
};

// The sums of int8 products are integers that float64 holds, so one kernel serves every type.
class CpuRowScorer final : public RowScorer {
 public:
  CpuRowScorer(const RowsView& table, const Targets& targets, Unit unit, const CpuKernels& kernels)
      : targets_(targets), unit_(unit), kernels_(kernels), norms_sq_(targets.count) {
    for (std::size_t t = 0; t < targets.count; ++t) {
      if (const std::byte* target = embedding(table, t)) norms_sq_[t] = norm_sq_of(target, table);
    }
  }

  void score(const RowsView& table, std::span<const std::int32_t> rows, const CallContext& context,
             std::span<float> scores) const override {
    if (rows.empty() || targets_.count == 0) return;
    const WidenedRows widened(table, rows);
    const std::size_t tile = std::max<std::size_t>(1, kTaskProducts / (rows.size() * table.dim));
    context.parallel_for((targets_.count + tile - 1) / tile, [&](std::size_t task) {
      context.throw_if_cancelled();
      std::vector<float> narrow(table.dim);
      std::vector<double> target(table.dim);
      std::vector<double> dots(rows.size());
      const std::size_t end = std::min((task + 1) * tile, targets_.count);
      for (std::size_t t = task * tile; t < end; ++t) {
        const std::span<float> to = scores.subspan(t * rows.size(), rows.size());
        if (norms_sq_[t] == 0) {
          std::ranges::fill(to, kNoScore);
          continue;
        }
        widen(embedding(table, t), table.dtype, narrow);
        std::ranges::copy(narrow, target.begin());
        kernels_.canonical_dots(target.data(), widened.rows.data(), rows.size(), table.dim,
                                dots.data());
        for (std::size_t i = 0; i < rows.size(); ++i) {
          const double row_norm_sq = widened.norms_sq[i];
          to[i] = row_norm_sq == 0
                      ? kNoScore
                      : canonical_score(unit_, dots[i], norms_sq_[t], [&] { return row_norm_sq; });
        }
      }
    });
  }

 private:
  // nullptr: the target is absent.
  const std::byte* embedding(const RowsView& table, std::size_t target) const noexcept {
    if (!targets_.embeddings.empty()) {
      return targets_.embeddings.data() + target * table.row_bytes;
    }
    const std::int32_t row = targets_.rows[target];
    return row < 0 ? nullptr : table.row(static_cast<std::size_t>(row));
  }

  const Targets& targets_;
  const Unit unit_;
  const CpuKernels& kernels_;
  std::vector<double> norms_sq_;  // 0: keeps nothing
};

}  // namespace

std::unique_ptr<RowScorer> make_cpu_row_scorer(const RowsView& table, const Targets& targets,
                                               Unit unit, const CpuKernels& kernels) {
  return std::make_unique<CpuRowScorer>(table, targets, unit, kernels);
}

}  // namespace kleio
