#include "cuda/request/cuda_ranker.h"

#include <algorithm>
#include <utility>

#include "core/lifelong_choice.h"
#include "cuda/request/rank_run.h"

namespace kleio::cuda {
namespace {

// Candidates of one launch, so that their rows of the tower's input stay a small part of the
// device.
std::size_t launch_candidates(const Device& device, const RankModelParams& model) noexcept {
  constexpr std::size_t kMaxCandidates = std::size_t{1} << 14;
  const std::size_t row_bytes = model.tower_width * sizeof(float);
  return std::clamp<std::size_t>(device.properties().memory_bytes / 64 / row_bytes, kTowerTile,
                                 kMaxCandidates);
}

std::size_t candidates_of(std::span<const RankSlice> slices) noexcept {
  std::size_t count = 0;
  for (const RankSlice& slice : slices) count += slice.count;
  return count;
}

// The slices up to a candidate, and from it on.
struct Halves {
  std::vector<RankSlice> low, high;
};
Halves divide(std::span<const RankSlice> slices, std::size_t at) {
  Halves halves;
  for (const RankSlice& slice : slices) {
    const std::size_t before = std::min(slice.count, at);
    at -= before;
    if (before > 0) halves.low.push_back({slice.question, slice.first, before});
    if (before == slice.count) continue;
    halves.high.push_back({slice.question, slice.first + before, slice.count - before});
  }
  return halves;
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
      device_model_(*model_, *context_, *context_->streams.lend()) {}

void CudaRanker::rank(const HistorySnapshot& history, const RankRequest& request,
                      const CallContext& context, RankingView ranking) const {
  const RankQuestion question = RankQuestion::of(*model_, history, request, ranking, context);
  answer({&question, 1}, context);
}

void CudaRanker::rank_many(std::span<const HistoryRanking> rankings,
                           const CallContext& context) const {
  std::vector<RankQuestion> questions;
  questions.reserve(rankings.size());
  for (const HistoryRanking& one : rankings) {
    questions.push_back(RankQuestion::of(*model_, *one.history, one.request, one.ranking,
                                         context.limited_to(one.max_threads)));
  }
  answer(questions, context);
}

// Rankings of one kind are answered together.
void CudaRanker::answer(std::span<const RankQuestion> questions, const CallContext& context) const {
  std::vector<RankSlice> slices;
  for (const RankQuestion& question : questions) {
    if (question.targets.count > 0) slices.push_back({&question, 0, question.targets.count});
  }
  while (!slices.empty()) {
    const RankKind kind = RankKind::of(*slices.front().question);
    const auto others = std::stable_partition(
        slices.begin(), slices.end(),
        [&kind](const RankSlice& slice) { return RankKind::of(*slice.question) == kind; });
    std::vector<RankSlice> same(slices.begin(), others);
    slices.erase(slices.begin(), others);
    answer_kind(kind, std::move(same), context);
  }
}

void CudaRanker::answer_kind(const RankKind& kind, std::vector<RankSlice> slices,
                             const CallContext& context) const {
  const std::uint32_t shared_limit = context_->device->properties().shared_memory_per_block;
  const RankPlan plan = plan_rank(rank_shape(*model_, kind.k), shared_limit);
  for (const RankSlice& slice : slices) {
    const RankQuestion& question = *slice.question;
    const CallContext limited = context.limited_to(question.max_threads);
    if (plan.shared_bytes == 0) {
      ++context_->counters.cpu_searches;
      cpu_->rank(*question.history, *question.request, limited, question.ranking);
    } else if (!kind.selects()) {
      choose_lifelong(*model_, search_, *question.history, *question.request, limited,
                      question.ranking.kept);
    }
  }
  const std::size_t most = launch_candidates(*context_->device, device_model_.params());
  while (plan.shared_bytes > 0 && !slices.empty()) {
    Halves halves = divide(slices, most);
    answer_together(kind, plan, halves.low, context);
    slices = std::move(halves.high);
  }
}

// Halves what needs too much memory for the scan's bounds.
void CudaRanker::answer_together(const RankKind& kind, const RankPlan& plan,
                                 std::span<const RankSlice> slices,
                                 const CallContext& context) const {
  context.throw_if_cancelled();
  const RankResources resources = {*model_, device_model_, similarity_->rows()};
  RankRun run(resources, kind, plan, slices, *context_);
  const std::size_t count = candidates_of(slices);
  if (run.scratch_bytes() > most_scratch_bytes(*context_->device) && count > 1) {
    const Halves halves = divide(slices, count / 2);
    answer_together(kind, plan, halves.low, context);
    answer_together(kind, plan, halves.high, context);
    return;
  }
  const auto stream = context_->streams.lend();
  // Targets of several requests are encoded by all threads.
  const std::size_t threads = slices.size() == 1 ? slices.front().question->max_threads : 0;
  run.run(*context_, *stream, context.limited_to(threads));
}

}  // namespace kleio::cuda
