#include "cpu/search/scan_plan.h"

#include <algorithm>
#include <cassert>
#include <numeric>

#include "cpu/scan/candidates.h"
#include "cpu/scan/panel.h"

namespace kleio {
namespace {

// A panel costs a target about 2 cycles a group (VNNI) and 16 for the comparison. Handing work to
// another thread costs about 10 us: below this many cycles the caller's thread does it all.
constexpr std::size_t kCyclesWorthSharing = 120'000;

// 84 targets of 128 dimensions are 11 KiB: with a panel of 8 KiB they stay in a 32 KiB L1. Twice as
// many scan as fast, but leave threads further apart at the end.
constexpr std::size_t kTileTargets = 84;

// Candidate lists of a tile (K = 50: 2.4 KiB a target where codes are exact, 4.7 KiB where they are
// certified) should stay in L2. The bound is for a larger K.
constexpr std::size_t kTileCandidateBytes = std::size_t{640} << 10;

// Kernels take targets six at a time.
constexpr std::size_t kTargetGroup = 6;

// From here on splitting targets beats splitting rows: every row is seen by one thread's threshold
// instead of two colder ones, and there is nothing to merge.
constexpr std::size_t kSplitTargetsFrom = 24;

std::size_t divide_up(std::size_t a, std::size_t b) noexcept {
  return (a + b - 1) / b;
}

}  // namespace

ScanPlan plan_scan(std::size_t targets, std::size_t panels, std::size_t groups, std::size_t k,
                   bool exact, std::size_t threads) noexcept {
  assert(targets > 0 && k > 0);
  ScanPlan plan;
  const std::size_t cycles = targets * panels * (2 * groups + 16);
  plan.threads = cycles < kCyclesWorthSharing ? 1 : std::max<std::size_t>(threads, 1);

  const std::size_t capacity = CandidateTile::capacity_for(k, exact);
  const std::size_t list_bytes =
      CandidateTile::kBytesPerPlace * CandidateTile::list_stride(capacity);
  const std::size_t largest =
      std::clamp<std::size_t>(kTileCandidateBytes / list_bytes, kTargetGroup, kTileTargets);
  std::size_t tiles = divide_up(targets, largest);
  if (plan.threads > 1 && targets >= kSplitTargetsFrom * plan.threads) {
    tiles = divide_up(tiles, plan.threads) * plan.threads;
  } else {
    plan.row_slices = std::min(plan.threads, std::max<std::size_t>(panels, 1));
  }
  const std::size_t even = divide_up(targets, tiles);
  // Whole groups, unless rounding up would leave the last tile, and its thread, short of work.
  const std::size_t grouped = divide_up(even, kTargetGroup) * kTargetGroup;
  plan.tile_targets = grouped * tiles - targets < kTargetGroup ? grouped : even;
  return plan;
}

std::size_t plan_merge(std::size_t targets, std::size_t threads) noexcept {
  constexpr std::size_t kTargetsWorthSharing = 8;
  return targets < kTargetsWorthSharing ? 1 : threads;
}

std::size_t visiting_stride(std::size_t count) noexcept {
  if (count < 3) return 1;
  std::size_t stride = static_cast<std::size_t>(static_cast<double>(count) * 0.6180339887498949);
  while (std::gcd(stride, count) != 1) ++stride;
  return stride;
}

}  // namespace kleio
