#include "kernel_tests/device_search.h"

#include <algorithm>
#include <memory>
#include <span>

#include "cuda/row_blocks.h"
#include "cuda/search_plan.h"
#include "cuda/table_encoding.h"
#include "cuda/target_encoding.h"
#include "kernel_tests/check.h"
#include "kernel_tests/kernel_memory.h"
#include "kernel_tests/kernel_runner.h"

namespace kleio::cuda::tests {
namespace {

// The columns of one user, as the host of a device would send them.
struct DeviceUser {
  DeviceUser(const SearchCase& search, const UserCase& user)
      : packed(user.packed),
        has_times(!user.times.empty()),
        rows(std::span<const std::int32_t>(user.row_of_slot)),
        newest(user.row_of_slot.size()),
        steps_back(user.slot_of.size()),
        times(std::span<const double>(user.times)) {
    std::fill(newest.span().begin(), newest.span().end(), kNotEligible);
    std::vector<std::int64_t> last(user.row_of_slot.size(), -1);
    for (std::size_t i = 0; i < user.slot_of.size(); ++i) {
      steps_back.span()[i] = 0;
      if (user.slot_of[i] < 0) continue;
      const auto slot = static_cast<std::size_t>(user.slot_of[i]);
      // A step that leads past the start is what a history leaves whose oldest have left.
      steps_back.span()[i] =
          static_cast<std::uint32_t>(last[slot] < 0 ? (i % 3 == 0 ? i + 1 + i % 5 : 0)
                                                    : i - static_cast<std::size_t>(last[slot]));
      last[slot] = static_cast<std::int64_t>(i);
      const bool excluded = !user.excluded.empty() && user.excluded[slot];
      const bool recent = user.times.empty() || user.times[i] >= search.since;
      if (!excluded && recent) newest.span()[slot] = static_cast<std::uint32_t>(i);
    }
  }

  void put_into(HistoryParams& history, const SearchCase& search) const {
    history.rows = rows.or_null(!packed);
    history.newest = newest.or_null(!packed);
    history.steps_back = steps_back.or_null(!packed);
    history.times = times.or_null(has_times);
    history.since = search.since;
    history.min_score = search.min_score;
  }

  bool packed;
  bool has_times;
  KernelArray<std::int32_t> rows;
  KernelArray<std::uint32_t> newest;
  KernelArray<std::uint32_t> steps_back;
  KernelArray<double> times;
};

class DeviceTable {
 public:
  explicit DeviceTable(const SearchCase& search)
      : encoding(choose_encoding(search.view())),
        codes(std::size_t{search.rows} * encoding.code_row_bytes),
        values(encoding.codes_are_values ? 0 : std::size_t{search.rows} * encoding.value_row_bytes),
        cosine_factors(search.rows),
        dot_factors(search.rows),
        norms(search.rows),
        norms_sq(search.rows) {
    // In two parts, as a host that encodes piece by piece.
    const std::size_t half = search.rows / 2;
    encode(search, 0, half);
    encode(search, half, search.rows - half);
  }

  TableParams params(Unit unit) const {
    TableParams table;
    table.codes = codes.get();
    table.values = encoding.codes_are_values ? codes.get() : values.get();
    table.factors = (unit == Unit::kCosine ? cosine_factors : dot_factors).get();
    table.weights = norms.or_null(is_weighted(unit));
    table.norms_sq = norms_sq.get();
    table.code_row_bytes = encoding.code_row_bytes;
    table.value_row_bytes = encoding.value_row_bytes;
    table.dim = encoding.dim;
    table.code_type = encoding.code_type;
    table.dtype = encoding.dtype;
    return table;
  }
  bool is_weighted(Unit unit) const { return unit == Unit::kDot && encoding.dtype != Dtype::kInt8; }

  TableEncoding encoding;
  TableBounds bounds;

 private:
  void encode(const SearchCase& search, std::size_t first, std::size_t count) {
    encode_rows(search.view(), first, count, encoding,
                {.codes = codes.get() + first * encoding.code_row_bytes,
                 .values = values.get() +
                           (encoding.codes_are_values ? 0 : first * encoding.value_row_bytes),
                 .cosine_factors = cosine_factors.get() + first,
                 .dot_factors = dot_factors.get() + first,
                 .norms = norms.get() + first,
                 .norms_sq = norms_sq.get() + first},
                bounds);
  }

  KernelArray<std::byte> codes, values;
  KernelArray<float> cosine_factors, dot_factors, norms;
  KernelArray<double> norms_sq;
};

SearchPlan make_plan(const SearchCase& search, const DeviceTable& table,
                     const Execution& execution) {
  std::vector<HistoryShape> shapes;
  for (const UserCase& user : search.users) {
    shapes.push_back({user.slots, static_cast<std::uint32_t>(user.targets.size())});
  }
  SearchPlan plan =
      plan_search(shapes, table.encoding.code_row_bytes, table.is_weighted(search.unit), search.k,
                  execution.multiprocessors);
  if (!execution.fold) return plan;
  plan.bound_count = 0;
  for (HistoryParams& history : plan.histories) {
    history.fold = *execution.fold;
    history.block_count = RowBlocks{plan.row_tiles, history.fold}.blocks(history.slots);
    history.first_bound = plan.bound_count;
    plan.bound_count += std::uint64_t{history.block_count} * history.target_count;
  }
  return plan;
}

std::uint32_t count_targets(const SearchCase& search) {
  std::size_t count = 0;
  for (const UserCase& user : search.users) count += user.targets.size();
  return static_cast<std::uint32_t>(count);
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
        histories(plan.histories.size()),
        k(search.k),
        outputs(count_targets(search)),
        positions(std::size_t{outputs} * k),
        scores(std::size_t{outputs} * k),
        counts(outputs) {
    encode_targets(search);
    for (std::size_t u = 0; u < search.users.size(); ++u) {
      users.push_back(std::make_unique<DeviceUser>(search, search.users[u]));
      histories.span()[u] = plan.histories[u];
      users.back()->put_into(histories.span()[u], search);
    }
    scan.search.table = table.params(search.unit);
    scan.search.targets = {codes.get(), values.get(), records.get(), plan.target_count};
    scan.search.histories = histories.get();
    scan.search.upper = upper.get();
    scan.search.lower = lower.or_null(table.is_weighted(search.unit));
    scan.search.row_tiles = plan.row_tiles;
    scan.items = items.get();
    scan.item_count = static_cast<std::uint32_t>(plan.items.size());
    select.search = scan.search;
    select.unit = search.unit;
    select.k = search.k;
    select.distinct = search.distinct ? 1 : 0;
    select.positions = positions.get();
    select.scores = scores.get();
    select.counts = counts.get();
  }

  DeviceTable table;
  SearchPlan plan;
  KernelArray<std::byte> codes;
  KernelArray<float> values;
  KernelArray<TargetRecord> records;
  KernelArray<float> upper, lower;
  KernelArray<ScanItem> items;
  KernelArray<HistoryParams> histories;
  std::vector<std::unique_ptr<DeviceUser>> users;
  std::uint32_t k;
  std::uint32_t outputs;
  KernelArray<std::int32_t> positions;
  KernelArray<float> scores;
  KernelArray<SelectCounts> counts;
  ScanParams scan;
  SelectParams select;

 private:
  void encode_targets(const SearchCase& search) {
    TargetEncoder encoder(table.encoding, table.bounds, search.unit, search.min_score);
    const TargetArrays out{codes.get(), values.get(), records.get()};
    std::uint32_t output = 0;
    for (std::uint32_t u = 0; u < search.users.size(); ++u) {
      const HistoryParams& history = plan.histories[u];
      const auto& targets = search.users[u].targets;
      for (std::uint32_t t = 0; t < history.target_count; ++t) {
        const std::uint32_t place = history.first_target + t;
        if (t >= targets.size()) {
          encoder.pad(place, u, out);
        } else {
          encoder.encode(targets[t].empty() ? nullptr : targets[t].data(), place, u, output++, out);
        }
      }
    }
  }
};

DeviceSearch::DeviceSearch(const SearchCase& search, const Execution& execution)
    : memory_(std::make_unique<Memory>(search, execution)) {}

DeviceSearch::~DeviceSearch() = default;

const ScanParams& DeviceSearch::scan() const {
  return memory_->scan;
}

const SelectParams& DeviceSearch::select() const {
  return memory_->select;
}

Kept DeviceSearch::kept(std::size_t output) const {
  Kept kept;
  bool ended = false;
  const std::size_t k = memory_->k;
  for (std::size_t i = output * k; i < (output + 1) * k; ++i) {
    const std::int32_t position = memory_->positions.span()[i];
    const float score = memory_->scores.span()[i];
    if (position < 0) {
      require(position == -1 && score == -std::numeric_limits<float>::infinity(),
              "an empty place holds %d, %g", position, static_cast<double>(score));
      ended = true;
    } else {
      require(!ended, "a kept place follows an empty one");
      kept.emplace_back(position, score);
    }
  }
  return kept;
}

DeviceAnswer DeviceSearch::answer() const {
  DeviceAnswer answer;
  answer.counts.assign(memory_->counts.span().begin(), memory_->counts.span().end());
  for (std::size_t output = 0; output < memory_->outputs; ++output) {
    answer.kept.push_back(kept(output));
  }
  return answer;
}

DeviceBounds DeviceSearch::bounds() const {
  DeviceBounds bounds;
  bounds.row_tiles = memory_->plan.row_tiles;
  bounds.histories = memory_->plan.histories;
  for (std::size_t place = 0; place < memory_->plan.target_count; ++place) {
    const TargetRecord& record = memory_->records.span()[place];
    if (record.output == kNoOutput) continue;
    const HistoryParams& history = memory_->plan.histories[record.history];
    const std::size_t first =
        history.first_bound + (place - history.first_target) * std::size_t{history.block_count};
    const auto of_target = [&](const KernelArray<float>& values) {
      const auto slice = values.span().subspan(first, history.block_count);
      return std::vector<float>(slice.begin(), slice.end());
    };
    bounds.records.push_back(record);
    bounds.upper.push_back(of_target(memory_->upper));
    if (memory_->scan.search.lower != nullptr) bounds.lower.push_back(of_target(memory_->lower));
  }
  return bounds;
}

DeviceAnswer search_on_device(const SearchCase& search, const Execution& execution) {
  Random random(execution.seed);
  const DeviceSearch device(search, execution);
  run_scan(device.scan(), execution.small_blocks, random);
  run_select(device.select(), execution.small_blocks, random);
  return device.answer();
}

DeviceBounds scan_on_device(const SearchCase& search, const Execution& execution) {
  Random random(execution.seed);
  const DeviceSearch device(search, execution);
  run_scan(device.scan(), execution.small_blocks, random);
  return device.bounds();
}

}  // namespace kleio::cuda::tests
