// What the scan says of a block against the canonical scores of the rows in it.
#include <algorithm>
#include <cmath>
#include <cstring>

#include "cuda/kernels/row_blocks.h"
#include "kernel_tests/check.h"
#include "kernel_tests/device_search.h"
#include "kernel_tests/sections.h"
#include "kernel_tests/truth.h"

namespace kleio::cuda::tests {
namespace {

// True scores and bounds by block of one target.
void check_target(const SearchCase& search, const UserCase& user, const std::byte* target,
                  const DeviceBounds& bounds, std::size_t output) {
  const TargetRecord& record = bounds.records[output];
  const HistoryParams& history = bounds.histories[record.history];
  const RowBlocks blocks{bounds.row_tiles, history.fold};
  const TrueScores scores(search, user, target, record);
  for (std::uint32_t block = 0; block < history.block_count; ++block) {
    Truth best;
    double low = kNothing, high = kNothing;
    for (std::uint32_t i = 0; i < blocks.rows_per_block(); ++i) {
      const std::uint32_t slot = blocks.slot(block, i);
      if (slot >= user.slots) continue;
      const Truth row = scores.of(slot);
      if (row.value == kNothing) continue;
      const double margin = row.weight * static_cast<double>(record.margin);
      best.value = std::max(best.value, row.value);
      low = std::max(low, row.value - 2 * margin);
      high = std::max(high, row.value + 2 * margin);
    }
    const double slack = std::fabs(best.value) * 1e-6;  // of estimate_per_score as float32
    const bool weighted = !bounds.lower.empty();
    const double margin = weighted ? 0 : static_cast<double>(record.margin);
    const double upper = static_cast<double>(bounds.upper[output][block]);
    const double lower =
        static_cast<double>((weighted ? bounds.lower : bounds.upper)[output][block]);
    if (best.value == kNothing) {
      require(upper == kNothing && lower == kNothing, "a block without rows has a bound");
      continue;
    }
    require(upper + margin + slack >= best.value, "%s, %s: an upper bound %.9g below %.9g",
            search.family.c_str(), name_of(search.dtype), upper + margin, best.value);
    require(lower - margin - slack <= best.value, "%s, %s: a lower bound %.9g above %.9g",
            search.family.c_str(), name_of(search.dtype), lower - margin, best.value);
    require(upper <= high + slack && lower >= low - slack, "%s, %s: bounds wider than the margin",
            search.family.c_str(), name_of(search.dtype));
  }
}

}  // namespace

std::string check_bounds(Random& random, std::uint32_t cases) {
  std::uint64_t targets = 0;
  for (std::uint32_t i = 0; i < cases; ++i) {
    const SearchCase search = random_case(random, {.slots = 200, .dim = 200, .targets = 20});
    Execution execution;
    execution.seed = random();
    execution.multiprocessors = draw(random, 1, 40);
    execution.small_blocks = one_in(random, 2);
    if (one_in(random, 2)) execution.fold = 1u << random() % 4;
    const DeviceBounds bounds = scan_on_device(search, execution);
    std::size_t output = 0;
    for (const UserCase& user : search.users) {
      for (const auto& target : user.targets) {
        const TargetRecord& record = bounds.records[output];
        const bool proven = std::isfinite(record.margin);
        if (record.norm_sq != 0 && proven) {
          check_target(search, user, target.data(), bounds, output);
          ++targets;
        }
        ++output;
      }
    }
  }
  return std::to_string(targets) + " targets";
}

namespace {

constexpr std::uint32_t kTileRows = 64;  // of the widest tile: one row a block stays eligible

// Rows and targets built to err as much as they can: one per kind.
double hostile_value(Random& random, std::uint32_t kind, std::uint32_t d) {
  const double sign = one_in(random, 2) ? -1 : 1;
  const double jitter = 1 + 0x1p-11;  // half a unit in the last place of a float16: a tie
  switch (kind) {
    case 0:  // every element is rounded the same way
      return jitter;
    case 1:  // one large product, and many just below what its sum can hold
      return d == 0 ? 1 : 0x1p-12 * (1 + 0x1p-3);
    case 2:  // the same at the end
      return d % 61 == 60 ? 1 : 0x1p-11 * (1 + 0x1p-3);
    case 3:  // cancellation
      return sign * jitter;
    case 4:  // a range beyond every code's
      return sign * std::exp2(static_cast<double>(random() % 50) - 40);
    case 5:
      return sign * (1 + static_cast<double>(random() % 4096) / 4096);
    default:
      return std::normal_distribution<double>()(random);
  }
}

// What 1 is stored as: a narrow range is used up to its end, or small elements were lost.
double unit_of(Dtype dtype) {
  return with_element(dtype, []<typename Element>() {
    const auto most = static_cast<double>(Element::kMax);
    return most < 1024 ? std::exp2(std::floor(std::log2(most))) : 1;
  });
}

std::vector<std::byte> hostile_row(Random& random, SearchCase& search, std::uint32_t kind) {
  std::vector<std::byte> row(search.view().row_stride_bytes());
  const double unit = unit_of(search.dtype);
  for (std::uint32_t d = 0; d < search.dim; ++d) {
    store_near(row.data(), search.dtype, d, unit * hostile_value(random, kind, d));
  }
  return row;
}

SearchCase hostile_case(Random& random, Dtype dtype) {
  constexpr std::uint32_t kKinds = 7;
  SearchCase search;
  search.family = "hostile";
  search.dtype = dtype;
  search.dim = one_in(random, 4) ? 1024 : draw(random, 1, 300);
  search.unit = one_in(random, 2) ? Unit::kDot : Unit::kCosine;
  search.k = 1024;
  search.rows = kTileRows;
  for (std::uint32_t row = 0; row < search.rows; ++row) {
    const auto values = hostile_row(random, search, row % kKinds);
    search.table.insert(search.table.end(), values.begin(), values.end());
  }
  UserCase& user = search.users.emplace_back();
  user.slots = search.rows;
  for (std::uint32_t slot = 0; slot < user.slots; ++slot) {
    user.row_of_slot.push_back(static_cast<std::int32_t>(slot));
    // One slot of a block of up to eight.
    user.slot_of.push_back(slot % kTileRows < kRowGroups ? static_cast<std::int32_t>(slot) : -1);
  }
  for (std::uint32_t kind = 0; kind < kKinds; ++kind) {
    user.targets.push_back(hostile_row(random, search, kind));
  }
  return search;
}

// The largest error of an estimate as a share of its margin.
double worst_share(const SearchCase& search, const DeviceBounds& bounds) {
  double worst = 0;
  const UserCase& user = search.users[0];
  const HistoryParams& history = bounds.histories[0];
  const RowBlocks blocks{bounds.row_tiles, history.fold};
  for (std::size_t t = 0; t < user.targets.size(); ++t) {
    const TargetRecord& record = bounds.records[t];
    const std::byte* target = user.targets[t].data();
    if (record.norm_sq == 0) continue;
    const TrueScores scores(search, user, target, record);
    for (std::uint32_t block = 0; block < kRowGroups; ++block) {
      const Truth row = scores.of(blocks.slot(block, 0));
      if (row.value == kNothing) continue;
      const double upper = static_cast<double>(bounds.upper[t][block]);
      const double estimate =
          bounds.lower.empty() ? upper : (upper + static_cast<double>(bounds.lower[t][block])) / 2;
      const double margin = row.weight * static_cast<double>(record.margin);
      const double error = std::fabs(estimate - row.value);
      if (margin == 0) {
        // Inner products of int8: the estimate is the float32 nearest to the product.
        require(estimate == static_cast<double>(static_cast<float>(row.value)),
                "int8 is not exact");
        continue;
      }
      worst = std::max(worst, error / margin);
    }
  }
  return worst;
}

}  // namespace

std::string check_margins(Random& random, std::uint32_t cases) {
  // Rows that err by less than a hundredth of the margin would test nothing: more are drawn until
  // some do. Every other case does, so that so many without one are a fault.
  constexpr double kMinShare = 0.01;
  constexpr std::uint32_t kMaxCases = 200;
  std::string covered;
  for (int dtype = 0; dtype < kDtypeCount; ++dtype) {
    double worst = 0;
    for (std::uint32_t i = 0; i < cases || (worst <= kMinShare && i < kMaxCases); ++i) {
      const SearchCase search = hostile_case(random, static_cast<Dtype>(dtype));
      Execution execution;
      execution.seed = random();
      execution.small_blocks = true;
      execution.fold = 1;
      worst = std::max(worst, worst_share(search, scan_on_device(search, execution)));
    }
    require(worst <= 1 && worst > kMinShare, "%s: errors reach %.3f of the margin",
            name_of(static_cast<Dtype>(dtype)), worst);
    char text[64];
    std::snprintf(text, sizeof text, "%s%s %.3f", dtype == 0 ? "" : ", ",
                  name_of(static_cast<Dtype>(dtype)), worst);
    covered += text;
  }
  return "largest error as a share of the margin: " + covered;
}

}  // namespace kleio::cuda::tests
