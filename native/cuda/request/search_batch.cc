#include "cuda/request/search_batch.h"

#include <algorithm>
#include <cassert>
#include <utility>

#include "cuda/kernels/append_layout.h"
#include "cuda/kernels/scan_shapes.cuh"
#include "cuda/request/batch_targets.h"
#include "cuda/request/eligible_places.h"
#include "cuda/request/shape_buckets.h"
#include "cuda/residency/cuda_slot_store.h"

namespace kleio::cuda {
namespace {

// Places that a history's list of eligible slots takes among those of others.
std::size_t listed_places(std::uint32_t slots) noexcept {
  constexpr std::uint32_t kAligned = 16 / sizeof(std::uint32_t);
  return round_up_to(slots, kAligned);
}

}  // namespace

// What launches leave for one another.
struct SearchBatch::ScratchLayout : MemoryLayout {
  explicit ScratchLayout(const SearchBatch& batch)
      : bounds(bucket_of(batch.plan_.bound_count)),
        upper(add<float>(bounds)),
        lower(add<float>(batch.scan_.search.table.weights != nullptr ? bounds : 0)),
        listed(batch.plan_.list_capacity > 0 ? batch.target_places() : 0),
        thresholds(add<float>(listed)),
        counts(add<std::uint32_t>(listed)),
        estimates(add<float>(listed * batch.plan_.list_capacity)),
        slots(add<std::uint32_t>(listed * batch.plan_.list_capacity)) {}

  std::size_t bounds;
  std::size_t upper, lower;
  std::size_t listed;  // targets
  std::size_t thresholds, counts, estimates, slots;
};

std::size_t most_scratch_bytes(const Device& device) noexcept {
  return std::clamp<std::size_t>(device.properties().memory_bytes / 16, std::size_t{1} << 20,
                                 std::size_t{1} << 30);
}

SearchBatch::SearchBatch(const Table& table, std::shared_ptr<const ResidentRows> rows,
                         const SearchKind& kind, std::span<const SearchSlice> slices,
                         const DeviceContext& context)
    : table_(table),
      rows_(std::move(rows)),
      kind_(kind),
      slices_(slices),
      select_width_(context.select_width) {
  std::vector<HistoryShape> shapes;
  for (const SearchSlice& slice : slices) {
    shapes.push_back({static_cast<std::uint32_t>(slice.history->slot_count()),
                      static_cast<std::uint32_t>(slice.count)});
    targets_ += slice.count;
  }
  const TableParams& params = scan_.search.table = rows_->params(kind.unit);
  const bool wgmma = context.wgmma && has_wgmma_append(params.code_type, params.code_row_bytes);
  const SearchTraits traits = {params.code_row_bytes, params.weights != nullptr, kind.k, wgmma};
  const bool by_lists = is_by_lists(context.search, shapes, traits);
  plan_ = plan_search(shapes, traits, by_lists, context.device->properties().multiprocessors);
  one_launch_ = takes_one_launch(shapes, traits, by_lists, context.one_launch_targets);
  if (one_launch_) plan_.items.push_back(filling_item());
  scan_.search.row_tiles = plan_.row_tiles;
  scan_.search.lists.capacity = plan_.list_capacity;
  append_.wgmma = wgmma ? 1 : 0;
}

std::size_t SearchBatch::scratch_bytes() const noexcept {
  return ScratchLayout(*this).bytes();
}

std::uint32_t SearchBatch::target_places() const noexcept {
  return static_cast<std::uint32_t>(bucket_of(plan_.target_count, kTileTargets));
}

void SearchBatch::bring(RequestStream& stream, bool features) {
  stream.keep(rows_->memory());
  for (const SearchSlice& slice : slices_) {
    const auto& view = slice.history->embeddings->as<CudaSlotView>();
    leases_.push_back(view.bring(
        *slice.history, {.times = slice.options->by_time(), .features = features}, stream));
  }
}

// The eligible slots come last: only some searches list them, and what follows them would move.
void SearchBatch::write(UploadBlock& inputs, const CallContext& context) {
  const auto histories = inputs.make<HistoryParams>(bucket_of(slices_.size()));
  scan_.search.histories = histories.device;
  write_targets(inputs, context);
  const Items scanned = write_items(inputs, plan_.items);
  scan_.items = scanned.items;
  scan_.item_count = scanned.count;
  const Items appended = write_items(inputs, plan_.append_items);
  append_.items = appended.items;
  append_.item_count = appended.count;
  append_.stage_capacity = kMaxStaged;
  if (one_launch_) write_arrivals(inputs);
  write_histories(inputs, histories.host);
}

// Of one launch: selects for the tiles that fill it up, as a launch of the select would. It has no
// rows, but whose tiles are some history's.
ScanItem SearchBatch::filling_item() const noexcept {
  const std::uint32_t first = plan_.target_count / kTileTargets;
  return {.first_target_tile = first, .target_tile_count = target_places() / kTileTargets - first};
}

// The filling item arrives alone, as the last of as many as its history has.
void SearchBatch::write_arrivals(UploadBlock& inputs) {
  const auto arrivals = inputs.make<std::uint32_t>(target_places() / kTileTargets);
  arrivals_ = arrivals.device;
  if (inputs.counts_only()) return;
  const std::uint32_t filling = plan_.target_count / kTileTargets;
  std::fill_n(arrivals.host, filling, 0u);
  std::fill(arrivals.host + filling, arrivals.host + arrivals.size,
            plan_.histories.front().row_items - 1);
}

// Items beyond the plan's have no rows.
SearchBatch::Items SearchBatch::write_items(UploadBlock& inputs, std::span<const ScanItem> items) {
  const auto places = inputs.make<ScanItem>(bucket_of(items.size()));
  if (!inputs.counts_only()) {
    std::fill(std::ranges::copy(items, places.host).out, places.host + places.size, ScanItem{});
  }
  return {places.device, static_cast<std::uint32_t>(places.size)};
}

void SearchBatch::write_histories(UploadBlock& inputs, HistoryParams* histories) const {
  std::size_t listed = 0;
  for (std::size_t i = 0; i < slices_.size(); ++i) {
    if (slices_[i].options->leaves_out()) listed += listed_places(leases_[i].slots);
  }
  const auto eligible = inputs.make<std::uint32_t>(bucket_of(listed));
  if (inputs.counts_only()) return;
  std::size_t next = 0;
  for (std::size_t i = 0; i < slices_.size(); ++i) {
    const SearchSlice& slice = slices_[i];
    HistoryParams& history = histories[i] = history_params(i);
    if (!slice.options->leaves_out()) continue;
    assert(next + history.slots <= eligible.size);
    history.newest = eligible.device + next;
    history.newest_origin = 0;
    newest_eligible(*slice.history, *slice.options, {eligible.host + next, history.slots});
    next += listed_places(history.slots);
  }
}

HistoryParams SearchBatch::history_params(std::size_t slice) const {
  const ResidentHistory::Lease& lease = leases_[slice];
  HistoryParams history = plan_.histories[slice];
  history.rows = lease.rows;
  history.newest = lease.newest;
  history.newest_origin = lease.newest_origin;
  history.steps_back = lease.steps_back;
  history.times = lease.times;
  history.since = slices_[slice].options->since;
  history.until = slices_[slice].options->until;
  history.min_score = kind_.min_score;
  history.slots = lease.slots;
  return history;
}

void SearchBatch::write_targets(UploadBlock& inputs, const CallContext& context) {
  const std::uint32_t count = target_places();
  const auto codes = inputs.make<std::byte>(target_code_bytes(rows_->encoding(), count));
  const std::size_t value_bytes = target_value_bytes(rows_->encoding(), count);
  const auto values = inputs.make<float>(value_bytes / sizeof(float));
  const auto records = inputs.make<TargetRecord>(count);
  scan_.search.targets = {codes.device, value_bytes > 0 ? values.device : nullptr, records.device,
                          count};
  if (inputs.counts_only()) return;
  const TargetEncoder encoder(rows_->encoding(), rows_->bounds(), kind_.unit, kind_.min_score);
  BatchTargets(table_, slices_, plan_.histories)
      .encode(encoder, count, static_cast<std::uint32_t>(bucket_of(targets_)), context,
              {codes.host, value_bytes > 0 ? values.host : nullptr, records.host});
}

ScanParams SearchBatch::scan_in(std::byte* scratch) const {
  const ScratchLayout layout(*this);
  ScanParams scan = scan_;
  scan.search.upper = at<float>(scratch, layout.upper);
  if (scan.search.table.weights != nullptr) scan.search.lower = at<float>(scratch, layout.lower);
  CandidateLists& lists = scan.search.lists;
  if (lists.capacity > 0) {
    lists.thresholds = at<float>(scratch, layout.thresholds);
    lists.counts = at<std::uint32_t>(scratch, layout.counts);
    lists.estimates = at<float>(scratch, layout.estimates);
    lists.slots = at<std::uint32_t>(scratch, layout.slots);
  }
  return scan;
}

SelectParams SearchBatch::select_after(const ScanParams& scan, const SearchOutputs& outputs) const {
  SelectParams select;
  select.search = scan.search;
  select.unit = kind_.unit;
  select.k = kind_.k;
  select.distinct = kind_.distinct ? 1 : 0;
  select.width = select_width_;
  select.positions = outputs.positions;
  select.scores = outputs.scores;
  select.counts = outputs.counts;
  return select;
}

SelectParams SearchBatch::launch_scans(DeviceWork& work, const KernelTable& kernels,
                                       std::byte* scratch, const SearchOutputs& outputs) const {
  const ScanParams scan = scan_in(scratch);
  work.launch(kernels.scan, scan);
  if (scan.search.lists.capacity > 0) {
    work.launch(kernels.threshold, ThresholdParams{scan.search, kind_.k});
    AppendParams append = append_;
    append.search = scan.search;
    work.launch(kernels.append, append);
  }
  return select_after(scan, outputs);
}

void SearchBatch::launch(DeviceWork& work, const KernelTable& kernels, std::byte* scratch,
                         const SearchOutputs& outputs) const {
  if (!one_launch_) {
    work.launch(kernels.select, launch_scans(work, kernels, scratch, outputs));
    return;
  }
  const ScanParams scan = scan_in(scratch);
  work.launch(kernels.scan_and_select,
              ScanAndSelectParams{scan, select_after(scan, outputs), arrivals_});
}

}  // namespace kleio::cuda
