#include "kernel_tests/device_search.h"

#include <algorithm>
#include <memory>
#include <span>

#include "cuda/kernels/row_blocks.h"
#include "cuda/kernels/scan_shapes.cuh"
#include "cuda/request/search_plan.h"
#include "cuda/request/target_encoding.h"
#include "kernel_tests/check.h"
#include "kernel_tests/device_case.h"
#include "kernel_tests/kernel_memory.h"
#include "kernel_tests/kernel_runner.h"

namespace kleio::cuda::tests {
namespace {

bool takes_wgmma(const Execution& execution, const DeviceTable& table) {
  return execution.wgmma && runs_wgmma() &&
         has_wgmma_append(table.encoding.code_type, table.encoding.code_row_bytes);
}

SearchTraits traits_of(const SearchCase& search, const DeviceTable& table) {
  return {table.encoding.code_row_bytes, table.is_weighted(search.unit), search.k};
}

// With another fold than the plan's.
void refold(SearchPlan& plan, std::uint32_t fold) {
  plan.bound_count = 0;
  for (HistoryParams& history : plan.histories) {
    const std::uint32_t rows = (history.slots + history.stride - 1) / history.stride;
    history.fold = fold;
    history.block_count = RowBlocks{plan.row_tiles, fold}.blocks(rows);
    history.first_bound = plan.bound_count;
    plan.bound_count += std::uint64_t{history.block_count} * history.target_count;
  }
}

std::vector<HistoryShape> shapes_of(const SearchCase& search) {
  std::vector<HistoryShape> shapes;
  for (const UserCase& user : search.users) {
    shapes.push_back({user.slots, static_cast<std::uint32_t>(user.targets.size())});
  }
  return shapes;
}

// Whether there is a kernel that does both, whatever the number of targets.
bool fits_one_launch(const SearchCase& search, const DeviceTable& table, const SearchPlan& plan) {
  return takes_one_launch(shapes_of(search), traits_of(search, table), plan.list_capacity > 0, ~0u);
}

SearchPlan make_plan(const SearchCase& search, const DeviceTable& table,
                     const Execution& execution) {
  const std::vector<HistoryShape> shapes = shapes_of(search);
  SearchTraits traits = traits_of(search, table);
  traits.wgmma = takes_wgmma(execution, table) && !execution.other_items;
  const bool by_lists = is_by_lists(execution.search, shapes, traits);
  SearchPlan plan =
      plan_search(shapes, traits, by_lists, execution.multiprocessors, execution.stride);
  if (execution.fold) refold(plan, *execution.fold);
  if (execution.list_capacity && plan.list_capacity > 0) {
    plan.list_capacity = *execution.list_capacity;
  }
  return plan;
}

std::uint32_t count_targets(const SearchCase& search) {
  std::size_t count = 0;
  for (const UserCase& user : search.users) count += user.targets.size();
  return static_cast<std::uint32_t>(count);
}

// Of one output.
Kept kept_of(std::span<const std::int32_t> positions, std::span<const float> scores) {
  Kept kept;
  bool ended = false;
  for (std::size_t i = 0; i < positions.size(); ++i) {
    if (positions[i] < 0) {
      require(positions[i] == -1 && scores[i] == -std::numeric_limits<float>::infinity(),
              "an empty place holds %d, %g", positions[i], static_cast<double>(scores[i]));
      ended = true;
    } else {
      require(!ended, "a kept place follows an empty one");
      kept.emplace_back(positions[i], scores[i]);
    }
  }
  return kept;
}

}  // namespace

struct DeviceSearch::Memory {
  Memory(const SearchCase& search, const Execution& execution)
      : table(search),
        plan(make_plan(search, table, execution)),
        codes(target_code_bytes(table.encoding, plan.target_count)),
        values(target_value_bytes(table.encoding, plan.target_count) / sizeof(float)),
        records(plan.target_count),
        upper(plan.bound_count),
        lower(table.is_weighted(search.unit) ? plan.bound_count : 0),
        items(std::span<const ScanItem>(plan.items)),
        append_items(std::span<const ScanItem>(plan.append_items)),
        thresholds(plan.target_count),
        reached(plan.target_count),
        estimates(std::size_t{plan.target_count} * plan.list_capacity),
        slots(estimates.size()),
        arrivals(std::vector<std::uint32_t>(plan.target_count / kTileTargets, 0)),
        histories(plan.histories.size()),
        k(search.k),
        outputs(count_targets(search)),
        positions(std::size_t{outputs} * k),
        scores(std::size_t{outputs} * k),
        counts(outputs) {
    encode_targets(search);
    std::vector<HistoryParams> filled = plan.histories;
    for (std::size_t u = 0; u < search.users.size(); ++u) {
      users.push_back(std::make_unique<DeviceUser>(search, search.users[u]));
      users.back()->put_into(filled[u], search);
    }
    histories.write(filled);
    scan.search.table = table.params(search.unit);
    scan.search.targets = {codes.get(), values.get(), records.get(), plan.target_count};
    scan.search.histories = histories.get();
    scan.search.upper = upper.get();
    scan.search.lower = lower.or_null(table.is_weighted(search.unit));
    scan.search.row_tiles = plan.row_tiles;
    scan.search.lists = {thresholds.get(), reached.get(), estimates.get(), slots.get(),
                         plan.list_capacity};
    scan.items = items.get();
    scan.item_count = static_cast<std::uint32_t>(plan.items.size());
    threshold = {scan.search, search.k};
    append = {.search = scan.search,
              .items = append_items.get(),
              .item_count = static_cast<std::uint32_t>(plan.append_items.size()),
              .stage_capacity = execution.stage_capacity,
              .wgmma = takes_wgmma(execution, table) ? 1u : 0u};
    select.search = scan.search;
    select.unit = search.unit;
    select.k = search.k;
    select.distinct = search.distinct ? 1 : 0;
    select.width = execution.width;
    select.positions = positions.get();
    select.scores = scores.get();
    select.counts = counts.get();
    if (fits_one_launch(search, table, plan)) both = {scan, select, arrivals.get()};
  }

  DeviceTable table;
  SearchPlan plan;
  KernelArray<std::byte> codes;
  KernelArray<float> values;
  KernelArray<TargetRecord> records;
  KernelArray<float> upper, lower;
  KernelArray<ScanItem> items, append_items;
  KernelArray<float> thresholds;
  KernelArray<std::uint32_t> reached;
  KernelArray<float> estimates;
  KernelArray<std::uint32_t> slots;
  KernelArray<std::uint32_t> arrivals;
  KernelArray<HistoryParams> histories;
  std::vector<std::unique_ptr<DeviceUser>> users;
  std::uint32_t k;
  std::uint32_t outputs;
  KernelArray<std::int32_t> positions;
  KernelArray<float> scores;
  KernelArray<SelectCounts> counts;
  ScanParams scan;
  ThresholdParams threshold;
  AppendParams append;
  SelectParams select;
  std::optional<ScanAndSelectParams> both;

 private:
  void encode_targets(const SearchCase& search) {
    const TargetEncoder encoder(table.encoding, table.bounds, search.unit, search.min_score);
    HostArray<std::byte> encoded_codes(codes.size());
    HostArray<float> encoded_values(values.size());
    HostArray<TargetRecord> encoded_records(records.size());
    const TargetArrays out{encoded_codes.get(), encoded_values.get(), encoded_records.get()};
    std::uint32_t output = 0;
    for (std::uint32_t u = 0; u < search.users.size(); ++u) {
      const HistoryParams& history = plan.histories[u];
      const auto& targets = search.users[u].targets;
      for (std::uint32_t t = 0; t < history.target_count; t += kTileTargets) {
        TargetTile tile;
        tile.count = std::min(kTileTargets, static_cast<std::uint32_t>(targets.size()) - t);
        tile.history = u;
        tile.first_output = output;
        tile.first_spare = tile.rows = outputs;
        for (std::uint32_t g = 0; g < tile.count; ++g) {
          if (!targets[t + g].empty()) tile.embeddings[g] = targets[t + g].data();
        }
        encoder.encode(tile, (history.first_target + t) / kTileTargets, out);
        output += tile.count;
      }
    }
    codes.write(encoded_codes.span());
    values.write(encoded_values.span());
    records.write(encoded_records.span());
  }
};

DeviceSearch::DeviceSearch(const SearchCase& search, const Execution& execution)
    : memory_(std::make_unique<Memory>(search, execution)) {}

DeviceSearch::~DeviceSearch() = default;

const ScanParams& DeviceSearch::scan() const {
  return memory_->scan;
}

const ThresholdParams& DeviceSearch::threshold() const {
  return memory_->threshold;
}

const AppendParams& DeviceSearch::append() const {
  return memory_->append;
}

const SelectParams& DeviceSearch::select() const {
  return memory_->select;
}

bool DeviceSearch::has_lists() const {
  return memory_->plan.list_capacity > 0;
}

const ScanAndSelectParams* DeviceSearch::scan_and_select() const {
  return memory_->both ? &*memory_->both : nullptr;
}

Kept DeviceSearch::kept(std::size_t output) const {
  const std::size_t k = memory_->k;
  return kept_of(memory_->positions.read(output * k, k), memory_->scores.read(output * k, k));
}

DeviceAnswer DeviceSearch::answer() const {
  for (const std::uint32_t left : memory_->arrivals.read()) {
    require(left == 0, "%u arrivals are left for the next launch", left);
  }
  DeviceAnswer answer;
  answer.counts = memory_->counts.read();
  const std::vector<std::int32_t> positions = memory_->positions.read();
  const std::vector<float> scores = memory_->scores.read();
  const std::size_t k = memory_->k;
  for (std::size_t output = 0; output < memory_->outputs; ++output) {
    answer.kept.push_back(kept_of(std::span(positions).subspan(output * k, k),
                                  std::span(scores).subspan(output * k, k)));
  }
  return answer;
}

DeviceBounds DeviceSearch::bounds() const {
  DeviceBounds bounds;
  bounds.row_tiles = memory_->plan.row_tiles;
  bounds.histories = memory_->plan.histories;
  const std::vector<TargetRecord> records = memory_->records.read();
  const std::vector<float> upper = memory_->upper.read();
  const std::vector<float> lower = memory_->lower.read();
  for (std::size_t place = 0; place < memory_->plan.target_count; ++place) {
    const TargetRecord& record = records[place];
    if (record.output == kNoOutput) continue;
    const HistoryParams& history = memory_->plan.histories[record.history];
    const std::size_t first =
        history.first_bound + (place - history.first_target) * std::size_t{history.block_count};
    const auto of_target = [&](std::span<const float> values) {
      const auto slice = values.subspan(first, history.block_count);
      return std::vector<float>(slice.begin(), slice.end());
    };
    bounds.records.push_back(record);
    bounds.upper.push_back(of_target(upper));
    if (memory_->scan.search.lower != nullptr) bounds.lower.push_back(of_target(lower));
  }
  return bounds;
}

DeviceLists DeviceSearch::lists() const {
  DeviceLists lists;
  if (!has_lists()) return lists;
  const std::size_t capacity = memory_->plan.list_capacity;
  const std::vector<TargetRecord> records = memory_->records.read();
  const std::vector<float> thresholds = memory_->thresholds.read();
  const std::vector<std::uint32_t> reached = memory_->reached.read();
  for (std::size_t place = 0; place < records.size(); ++place) {
    if (records[place].output == kNoOutput) continue;
    DeviceLists::OfTarget& list = lists.targets.emplace_back();
    list.record = records[place];
    list.threshold = thresholds[place];
    list.reached = reached[place];
    const std::size_t count = std::min<std::size_t>(list.reached, capacity);
    list.slots = memory_->slots.read(place * capacity, count);
    list.estimates = memory_->estimates.read(place * capacity, count);
  }
  return lists;
}

}  // namespace kleio::cuda::tests
