#include "cuda/request/rank_run.h"

#include <algorithm>

#include "cuda/kernels/select_layout.h"
#include "cuda/residency/cuda_slot_store.h"

namespace kleio::cuda {
namespace {

// Waits for a stream before what its work uses may go, also where something was thrown. Passes over
// nothing but the loss of the device (RequestStream::settle).
struct Settled {
  RequestStream& stream;
  ~Settled() { stream.settle(); }
};

}  // namespace

RankRun::RankRun(const RankResources& resources, const RankKind& kind, const RankPlan& plan,
                 std::span<const RankSlice> slices, const DeviceContext& context)
    : similarity_(resources.similarity),
      batch_(resources.model, kind, slices),
      results_(batch_, resources.device_model.params()) {
  params_.model = resources.device_model.params();
  params_.model.similarity = similarity_->params(Unit::kCosine);
  params_.plan = plan;
  if (!kind.selects()) return;
  const std::uint32_t select_bytes = select_layout(kRankThreads, kind.k).bytes;
  params_.plan.shared_bytes = std::max(plan.shared_bytes, select_bytes);
  for (const RankSlice& slice : slices) {
    const RankQuestion& question = *slice.question;
    targets_.push_back(
        {question.history, &question.targets, &question.options, slice.first, slice.count});
  }
  search_.emplace(*resources.model.similarity_table, similarity_,
                  SearchKind::of(slices.front().question->options), targets_, context);
}

void RankRun::run(DeviceContext& context, RequestStream& stream, const CallContext& call) {
  const Settled settled{stream};
  const auto histories = bring(stream);
  UploadBlock counted;
  add_inputs(counted, histories, call);
  MemoryLayout layout;
  const std::size_t results = layout.add<std::byte>(results_.bytes());
  const std::size_t inputs = layout.add<std::byte>(counted.bytes());
  const std::size_t rows = layout.add<float>(batch_.places() * params_.model.tower_width);
  const std::size_t scratch = layout.add<std::byte>(scratch_bytes());
  std::byte* const workspace = stream.workspace(layout.bytes());
  std::byte* const staged = stream.inputs(counted.bytes());
  UploadBlock block(workspace + inputs, {staged, counted.bytes()});
  add_inputs(block, histories, call);
  params_.tower_inputs = at<float>(workspace, rows);
  results_.place_in(workspace + results, params_);
  std::byte* const down = stream.outputs(results_.bytes());
  const KernelTable& kernels = stream.device().kernels();
  DeviceWork work;
  work.upload(workspace + inputs, staged, counted.bytes());
  if (search_) launch_search(work, kernels, workspace + scratch, workspace + results);
  work.launch(kernels.rank, params_);
  work.download(down, workspace + results, results_.bytes());
  stream.run(work);
  stream.synchronise();
  results_.deliver(down);
  const SelectCounts cost = results_.cost(down);
  context.counters.visited_rows += cost.visited_rows;
  context.counters.compactions += cost.compactions;
  context.counters.list_overflows += cost.overflows;
}

// The kernel that selects and ranks gathers projections; where they have to be computed, selecting
// is a launch of its own.
void RankRun::launch_search(DeviceWork& work, const KernelTable& kernels, std::byte* scratch,
                            std::byte* results) {
  const SearchOutputs outputs = results_.selected_in(results);
  if (params_.model.projections.items == nullptr) {
    search_->launch(work, kernels, scratch, outputs);
  } else {
    params_.select = search_->launch_scans(work, kernels, scratch, outputs);
  }
}

std::span<const ResidentHistory::Lease> RankRun::bring(RequestStream& stream) {
  stream.keep(similarity_->memory());
  if (search_) {
    search_->bring(stream, true);
    return search_->histories();
  }
  for (const RankSlice& slice : batch_.slices()) {
    const HistorySnapshot& history = *slice.question->history;
    const auto& view = history.embeddings->as<CudaSlotView>();
    histories_.push_back(view.bring(history, {.times = false, .features = true}, stream));
  }
  return histories_;
}

void RankRun::add_inputs(UploadBlock& block, std::span<const ResidentHistory::Lease> histories,
                         const CallContext& call) {
  batch_.add_to(block, histories, params_);
  const std::size_t tiles = (batch_.places() + kTowerTile - 1) / kTowerTile;
  const auto arrivals = block.make<std::uint32_t>(tiles);
  params_.arrivals = arrivals.device;
  if (!block.counts_only()) std::fill_n(arrivals.host, tiles, 0u);
  if (search_) search_->write(block, call);
}

}  // namespace kleio::cuda
