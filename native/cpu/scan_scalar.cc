// GSU scan of one panel, portable C++: the reference that every other level must equal.
//
// Formula   estimate[t][r] = float(bias[t] + sum_d code[r][d] * target[t][d]) * scale[r];
//           row r becomes a candidate of target t if the estimate, plus the certified error where
//           codes are not exact, reaches t's threshold.
// Shapes    a panel of 64 rows (cpu/panel.h), targets as int8 rows padded to groups of four.
// Exactness the dot is exact in int32 (dim <= 4096); the estimate has three float32 roundings.
// NaN, ties a NaN scale fails every comparison; equal to the threshold is kept.
// Cost      64 * dim multiply-adds a target.
#include <cstring>

#include "cpu/compaction.h"
#include "cpu/kernels.h"

namespace kleio {
namespace {

void pack_target(std::span<const std::int8_t> codes, std::byte* packed) noexcept {
  std::memset(packed, 0, groups_of(codes.size()) * kGroupDims);
  std::memcpy(packed, codes.data(), codes.size());
}

std::int32_t code_dot(const Panel& panel, const std::int8_t* target, std::int32_t bias,
                      std::size_t row, std::size_t groups) noexcept {
  std::int32_t dot = bias;
  for (std::size_t group = 0; group < groups; ++group) {
    const std::uint8_t* codes = panel.codes + (group * kPanelRows + row) * kGroupDims;
    for (std::size_t d = 0; d < kGroupDims; ++d) dot += codes[d] * target[group * kGroupDims + d];
  }
  return dot;
}

template <bool kCertified>
void scan(const Panel& panel, const TargetTile& targets, CandidateTile& candidates) {
  for (std::size_t t = 0; t < targets.count; ++t) {
    const auto* target =
        reinterpret_cast<const std::int8_t*>(targets.codes + t * targets.stride_bytes);
    const float threshold = candidates.thresholds[t];
    const CandidateList list = candidates.list(t);
    std::uint32_t count = candidates.counts[t];
    for (std::size_t r = 0; r < kPanelRows; ++r) {
      const std::int32_t dot = code_dot(panel, target, targets.bias[t], r, targets.groups);
      const float estimate = static_cast<float>(dot) * panel.scale[r];
      if constexpr (kCertified) {
        const float error =
            panel.residual[r] * targets.slack[t] + panel.weight[r] * targets.margin[t];
        if (!(estimate + error >= threshold)) continue;
        list.rank[count] = rank_of(estimate - error);
        list.extra[count] = rank_of(estimate + error);
      } else {
        if (!(estimate >= threshold)) continue;
        list.rank[count] = rank_of(estimate);
        list.extra[count] = dot;
      }
      list.slot[count++] = panel.first_slot + static_cast<std::uint32_t>(r);
    }
    candidates.counts[t] = count;
    if (count <= candidates.capacity) continue;
    const bool room = kCertified ? compact_certified(candidates, t) : compact_exact(candidates, t);
    if (!room) candidates.compactor->compact(candidates, t);
  }
}

void canonical_dots(const double* target, const float* const* rows, std::size_t count,
                    std::size_t dim, double* dots) noexcept {
  for (std::size_t i = 0; i < count; ++i) {
    double sum = 0;
    for (std::size_t d = 0; d < dim; ++d) sum += target[d] * static_cast<double>(rows[i][d]);
    dots[i] = sum;
  }
}

}  // namespace

const CpuKernels kScalarKernels = {
    .isa = Isa::kScalar,
    .target_group_bytes = kGroupDims,
    .pack_target = pack_target,
    .scan_exact = scan<false>,
    .scan_certified = scan<true>,
    .compact_exact = compact_exact,
    .compact_certified = compact_certified,
    .canonical_dots = canonical_dots,
};

}  // namespace kleio
