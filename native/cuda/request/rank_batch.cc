#include "cuda/request/rank_batch.h"

#include <algorithm>
#include <array>

#include "core/eligible.h"
#include "core/lifelong_choice.h"

namespace kleio::cuda {
namespace {

// Candidates that one thread looks up at a time: some microseconds.
constexpr std::size_t kLookedUp = 256;

// The newest behaviours, oldest first; where there are fewer, padding comes in front. Returns how
// many the short attention reads, padding included.
std::size_t write_recent(const HistorySnapshot& history, const RankRequest& request,
                         std::span<BehaviourRows> recent) {
  const std::vector<std::int64_t> present =
      newest_eligible(history, request.eligible, recent.size());
  const std::size_t padding =
      request.empty_places == EmptyPlaces::kRelease ? recent.size() - present.size() : 0;
  std::fill_n(recent.begin(), padding, BehaviourRows{});
  for (std::size_t i = 0; i < present.size(); ++i) {
    const std::int64_t sequence = present[i];
    recent[padding + i] = {history.item_rows[sequence], history.category_rows[sequence],
                           history.row_of(sequence)};
  }
  return padding + present.size();
}

}  // namespace

RankQuestion RankQuestion::of(const RankerModel& model, const HistorySnapshot& history,
                              const RankRequest& request, const RankingView& ranking,
                              const CallContext& context) {
  RankQuestion question;
  question.history = &history;
  question.request = &request;
  question.ranking = ranking;
  question.options = cosine_options(request);
  question.max_threads = context.max_threads;
  const std::size_t count = request.items.size();
  question.targets.count = count;
  question.targets.rows.resize(count);
  question.candidates.resize(count);
  const std::size_t tasks = (count + kLookedUp - 1) / kLookedUp;
  context.parallel_for(tasks, [&](std::size_t task) {
    question.look_up(model, task * kLookedUp, std::min((task + 1) * kLookedUp, count));
  });
  return question;
}

void RankQuestion::look_up(const RankerModel& model, std::size_t first, std::size_t end) {
  std::array<std::int32_t, kLookedUp> found;
  const std::span<std::int32_t> rows(found.data(), end - first);
  const auto each = [&](const FeatureView& feature, const std::vector<std::int64_t>& ids,
                        std::int32_t CandidateRows::* member) {
    feature.rows_of({ids.data() + first, rows.size()}, rows);
    for (std::size_t i = 0; i < rows.size(); ++i) candidates[first + i].*member = rows[i];
  };
  each(model.item, request->items, &CandidateRows::item);
  each(model.category, request->categories, &CandidateRows::category);
  each(model.city, request->cities, &CandidateRows::city);
  each(model.province, request->provinces, &CandidateRows::province);
  model.similarity_table->rows_of({request->items.data() + first, rows.size()},
                                  {targets.rows.data() + first, rows.size()},
                                  request->similarity_rows);
  for (std::size_t c = first; c < end; ++c) candidates[c].similarity = targets.rows[c];
}

RankBatch::RankBatch(const RankerModel& model, const RankKind& kind,
                     std::span<const RankSlice> slices)
    : model_(model), kind_(kind), slices_(slices) {
  for (const RankSlice& slice : slices) count_ += slice.count;
}

void RankBatch::add_to(UploadBlock& block, std::span<const ResidentHistory::Lease> histories,
                       RankParams& params) const {
  params.k = kind_.k;
  params.mask_empty = kind_.empty_places == EmptyPlaces::kMask;
  add_users(block, histories, params);
  add_candidates(block, params);
  if (!kind_.selects()) add_kept(block, params);
}

void RankBatch::add_users(UploadBlock& block, std::span<const ResidentHistory::Lease> histories,
                          RankParams& params) const {
  const std::size_t places = bucket_of(slices_.size());
  const auto users = block.make<UserParams>(places);
  const std::size_t user_features = model_.user.size();
  const auto features = block.make<std::int32_t>(places * user_features);
  const auto recent = block.make<BehaviourRows>(places * model_.short_steps);
  params.users = users.device;
  if (block.counts_only()) return;
  for (std::size_t u = 0; u < slices_.size(); ++u) {
    const RankQuestion& question = *slices_[u].question;
    UserParams& user = users.host[u];
    user.item_rows = histories[u].item_rows;
    user.category_rows = histories[u].category_rows;
    user.features = features.device + u * user_features;
    for (std::size_t f = 0; f < user_features; ++f) {
      features.host[u * user_features + f] = model_.user[f].row_of(question.request->user[f]);
    }
    const std::size_t first = u * model_.short_steps;
    user.recent = recent.device + first;
    user.recent_count = static_cast<std::uint32_t>(write_recent(
        *question.history, *question.request, {recent.host + first, model_.short_steps}));
  }
}

void RankBatch::add_candidates(UploadBlock& block, RankParams& params) const {
  const auto count = block.make<std::uint32_t>(1);
  const auto candidates = block.make<CandidateRows>(places());
  params.count = count.device;
  params.places = static_cast<std::uint32_t>(places());
  params.candidates = candidates.device;
  if (block.counts_only()) return;
  *count.host = static_cast<std::uint32_t>(count_);
  CandidateRows* next = candidates.host;
  for (std::uint32_t user = 0; user < slices_.size(); ++user) {
    const RankSlice& slice = slices_[user];
    for (std::size_t c = slice.first; c < slice.first + slice.count; ++c, ++next) {
      *next = slice.question->candidates[c];
      next->user = user;
    }
  }
}

void RankBatch::add_kept(UploadBlock& block, RankParams& params) const {
  const std::size_t all = places() * kind_.k;
  const auto positions = block.make<std::int32_t>(all);
  const auto scores = block.make<float>(all);
  params.positions = positions.device;
  params.scores = scores.device;
  const bool rows_needed = chooses_by_other_scores(kind_.unit);
  const auto rows = block.make<std::int32_t>(rows_needed ? all : 0);
  params.kept_similarity_rows = rows_needed ? rows.device : nullptr;
  if (block.counts_only()) return;
  std::size_t place = 0;
  for (const RankSlice& slice : slices_) {
    const HistorySnapshot& history = *slice.question->history;
    const KeptView kept = slice.question->ranking.kept.rows(slice.first, slice.count);
    const std::size_t places = kept.positions().size();
    std::ranges::copy(kept.positions(), positions.host + place);
    std::ranges::copy(kept.scores(), scores.host + place);
    for (std::size_t i = place; i < place + places && rows_needed; ++i) {
      const std::int32_t position = positions.host[i];
      rows.host[i] = position < 0 ? -1 : history.row_of(history.first() + position);
    }
    place += places;
  }
}

}  // namespace kleio::cuda
