#include "cuda/search_batch.h"

#include <algorithm>
#include <utility>

#include "cuda/cuda_slot_store.h"
#include "cuda/eligible_places.h"

namespace kleio::cuda {
namespace {

// The scratch of a launch.
struct ScratchLayout : MemoryLayout {
  ScratchLayout(std::uint64_t bounds, bool weighted)
      : upper(add<float>(bounds)), lower(add<float>(weighted ? bounds : 0)) {}

  std::size_t upper, lower;
};

}  // namespace

std::size_t most_scratch_bytes(const Device& device) noexcept {
  return std::clamp<std::size_t>(device.properties().memory_bytes / 16, std::size_t{1} << 20,
                                 std::size_t{1} << 30);
}

SearchBatch::SearchBatch(const ResidentTable& table, const SearchKind& kind,
                         std::span<const SearchSlice> slices, std::uint32_t multiprocessors)
    : table_(table), kind_(kind), slices_(slices) {
  std::vector<HistoryShape> shapes;
  for (const SearchSlice& slice : slices) {
    shapes.push_back({static_cast<std::uint32_t>(slice.history->slot_count()),
                      static_cast<std::uint32_t>(slice.count)});
    targets_ += slice.count;
  }
  search_.table = table.params(kind.unit);
  plan_ = plan_search(shapes, search_.table.code_row_bytes, search_.table.weights != nullptr,
                      kind.k, multiprocessors);
  search_.row_tiles = plan_.row_tiles;
}

std::size_t SearchBatch::scratch_bytes() const noexcept {
  return ScratchLayout(plan_.bound_count, search_.table.weights != nullptr).bytes();
}

void SearchBatch::bring(Lane& lane, bool features) {
  for (const SearchSlice& slice : slices_) {
    const auto& view = static_cast<const CudaSlotView&>(*slice.history->embeddings);
    leases_.push_back(view.bring(*slice.history,
                                 {.times = has_since(*slice.options), .features = features}, lane));
  }
}

void SearchBatch::write(UploadBlock& inputs) {
  write_histories(inputs);
  write_targets(inputs);
  items_ = inputs.add(std::span<const ScanItem>(plan_.items));
}

void SearchBatch::write_histories(UploadBlock& inputs) {
  std::vector<HistoryParams> histories = plan_.histories;
  for (std::size_t i = 0; i < histories.size(); ++i) {
    const SearchSlice& slice = slices_[i];
    const ResidentHistory::Lease& lease = leases_[i];
    HistoryParams& history = histories[i];
    history.rows = lease.rows;
    history.newest = lease.newest;
    history.newest_origin = lease.newest_origin;
    history.steps_back = lease.steps_back;
    history.times = lease.times;
    history.since = slice.options->since;
    history.slots = lease.slots;
    if (!leaves_out(*slice.options)) continue;
    const auto newest = inputs.make<std::uint32_t>(lease.slots);
    history.newest = newest.device;
    history.newest_origin = 0;
    if (newest.host != nullptr) {
      newest_eligible(*slice.history, *slice.options, {newest.host, lease.slots});
    }
  }
  search_.histories = inputs.add(std::span<const HistoryParams>(histories));
}

void SearchBatch::write_targets(UploadBlock& inputs) {
  const std::uint32_t count = plan_.target_count;
  const auto codes = inputs.make<std::byte>(target_code_bytes(table_.encoding(), count));
  const std::size_t value_bytes = target_value_bytes(table_.encoding(), count);
  const auto values = inputs.make<float>(value_bytes / sizeof(float));
  const auto records = inputs.make<TargetRecord>(count);
  search_.targets = {codes.device, value_bytes > 0 ? values.device : nullptr, records.device,
                     count};
  if (inputs.counts_only()) return;
  encode_targets({codes.host, value_bytes > 0 ? values.host : nullptr, records.host});
}

void SearchBatch::encode_targets(const TargetArrays& out) const {
  TargetEncoder encoder(table_.encoding(), table_.bounds(), kind_.unit, kind_.min_score);
  const MatrixView& rows = table_.table().view();
  std::uint32_t output = 0;
  for (std::uint32_t h = 0; h < slices_.size(); ++h) {
    const SearchSlice& slice = slices_[h];
    const Targets& targets = *slice.targets;
    std::uint32_t place = plan_.histories[h].first_target;
    const std::uint32_t end = place + plan_.histories[h].target_count;
    for (std::size_t t = slice.first; t < slice.first + slice.count; ++t, ++place, ++output) {
      const std::byte* embedding = nullptr;
      if (!targets.embeddings.empty()) {
        embedding = targets.embeddings.data() + t * rows.row_stride_bytes();
      } else if (targets.rows[t] >= 0) {
        embedding = rows.row(static_cast<std::size_t>(targets.rows[t]));
      }
      encoder.encode(embedding, place, h, output, out);
    }
    for (; place < end; ++place) encoder.pad(place, h, out);
  }
}

SelectParams SearchBatch::launch_scan(Lane& lane, std::byte* scratch,
                                      const SearchOutputs& outputs) const {
  const ScratchLayout layout(plan_.bound_count, search_.table.weights != nullptr);
  ScanParams scan;
  scan.search = search_;
  scan.search.upper = at<float>(scratch, layout.upper);
  if (search_.table.weights != nullptr) scan.search.lower = at<float>(scratch, layout.lower);
  scan.items = items_;
  scan.item_count = static_cast<std::uint32_t>(plan_.items.size());
  lane.device().launch(lane.device().kernels().scan, scan, lane.stream());
  SelectParams select;
  select.search = scan.search;
  select.unit = kind_.unit;
  select.k = kind_.k;
  select.min_score = kind_.min_score;
  select.distinct = kind_.distinct ? 1 : 0;
  select.positions = outputs.positions;
  select.scores = outputs.scores;
  select.counts = outputs.counts;
  return select;
}

void SearchBatch::launch(Lane& lane, std::byte* scratch, const SearchOutputs& outputs) const {
  const SelectParams select = launch_scan(lane, scratch, outputs);
  lane.device().launch(lane.device().kernels().select, select, lane.stream());
}

}  // namespace kleio::cuda
