#include "cuda/cuda_ranker.h"

#include <algorithm>
#include <utility>
#include <vector>

#include "core/error.h"
#include "core/lifelong_choice.h"
#include "cuda/cuda_slot_store.h"
#include "cuda/rank_results.h"
#include "cuda/upload_block.h"

namespace kleio::cuda {
namespace {

// Candidates of one launch: bounds its workspace, some kilobytes a candidate.
constexpr std::size_t kLaunchCandidates = std::size_t{1} << 14;

void check_aborted(const std::atomic<bool>& cancelled) {
  if (cancelled.load(std::memory_order_relaxed)) {
    throw Error(ErrorCode::kAborted, "the ranking was aborted");
  }
}

// Waits for a lane before what its work uses may go, also where something was thrown.
struct Settled {
  Lane& lane;
  ~Settled() {
    try {
      lane.synchronise();
    } catch (const Error&) {
      // The device is lost: nothing runs on it any more.
    }
  }
};

// Whole rankings and parts of large ones, together at most kLaunchCandidates; takes them from the
// front of `slices`.
std::vector<RankSlice> take_launch(std::vector<RankSlice>& slices) {
  std::vector<RankSlice> taken;
  std::size_t room = kLaunchCandidates;
  while (!slices.empty() && room > 0) {
    RankSlice& rest = slices.front();
    RankSlice slice = rest;
    slice.count = std::min(rest.count, room);
    room -= slice.count;
    rest.first += slice.count;
    rest.count -= slice.count;
    if (slice.count > 0) taken.push_back(slice);
    if (rest.count == 0) slices.erase(slices.begin());
  }
  return taken;
}

}  // namespace

CudaRanker::CudaRanker(std::shared_ptr<const RankerModel> model,
                       std::shared_ptr<const ResidentTable> similarity, const Backend& search,
                       std::unique_ptr<const RankerSession> cpu,
                       std::shared_ptr<DeviceContext> context)
    : model_(std::move(model)),
      similarity_(std::move(similarity)),
      search_(search),
      cpu_(std::move(cpu)),
      context_(std::move(context)),
      device_model_(*model_, similarity_->params(Unit::kCosine), *context_,
                    *context_->lanes.lend()) {}

void CudaRanker::rank(const HistorySnapshot& history, const RankRequest& request, ThreadPool& pool,
                      const std::atomic<bool>& cancelled, RankingView ranking) const {
  rank_slices({{&history, &request, &ranking, 0, request.items.size()}}, pool, cancelled);
}

void CudaRanker::rank_many(std::span<const HistoryRanking> rankings, ThreadPool& pool,
                           const std::atomic<bool>& cancelled) const {
  std::vector<RankSlice> slices;
  for (const HistoryRanking& one : rankings) {
    slices.push_back({one.history.get(), &one.request, &one.ranking, 0, one.request.items.size()});
  }
  rank_slices(std::move(slices), pool, cancelled);
}

void CudaRanker::rank_slices(std::vector<RankSlice> slices, ThreadPool& pool,
                             const std::atomic<bool>& cancelled) const {
  while (!slices.empty()) {
    const RankKind kind = RankKind::of(*slices.front().request, *slices.front().ranking);
    const auto others =
        std::stable_partition(slices.begin(), slices.end(), [&kind](const RankSlice& slice) {
          return RankKind::of(*slice.request, *slice.ranking) == kind;
        });
    std::vector<RankSlice> same(slices.begin(), others);
    slices.erase(slices.begin(), others);
    rank_kind(kind, std::move(same), pool, cancelled);
  }
}

void CudaRanker::rank_kind(const RankKind& kind, std::vector<RankSlice> slices, ThreadPool& pool,
                           const std::atomic<bool>& cancelled) const {
  const auto lane = context_->lanes.lend();
  const std::uint32_t shared_limit = lane->device().properties().shared_memory_per_block;
  const RankPlan plan = plan_rank(rank_shape(*model_, kind.k), shared_limit);
  if (plan.shared_bytes == 0) {
    for (const RankSlice& slice : slices) {
      ++context_->counters.cpu_searches;
      cpu_->rank(*slice.history, *slice.request, pool, cancelled, *slice.ranking);
    }
    return;
  }
  for (const RankSlice& slice : slices) {
    choose_lifelong(*model_, search_, *slice.history, *slice.request, pool, cancelled,
                    slice.ranking->kept);
  }
  while (!slices.empty()) {
    check_aborted(cancelled);
    const std::vector<RankSlice> taken = take_launch(slices);
    if (!taken.empty()) launch({*model_, kind, taken}, plan, *lane);
  }
}

void CudaRanker::launch(const RankBatch& batch, const RankPlan& plan, Lane& lane) const {
  std::vector<ResidentHistory::Lease> histories;
  for (const RankSlice& slice : batch.slices()) {
    const auto& view = static_cast<const CudaSlotView&>(*slice.history->embeddings);
    histories.push_back(view.bring(*slice.history, {.features = true}, lane));
  }
  const Settled settled{lane};
  RankParams params;
  params.model = device_model_.params();
  params.plan = plan;
  UploadBlock counted;
  batch.add_to(counted, {}, params);
  MemoryLayout layout;
  const std::size_t upload = layout.add<std::byte>(counted.bytes());
  const RankResults results(batch, params.model, layout);
  std::byte* const workspace = lane.workspace(layout.bytes());
  std::byte* const host = lane.inputs(counted.bytes());
  UploadBlock block(workspace + upload, {host, counted.bytes()});
  batch.add_to(block, histories, params);
  lane.device().upload(workspace + upload, host, counted.bytes(), lane.stream());
  results.prepare(workspace, lane, params);
  lane.device().launch(lane.device().kernels().rank, params, lane.stream());
  results.collect(params, lane);
}

}  // namespace kleio::cuda
