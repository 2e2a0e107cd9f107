#include "cuda/request/cuda_backend.h"

#include <algorithm>
#include <limits>
#include <utility>

#include "core/error.h"
#include "cuda/device/accelerator_info.h"
#include "cuda/request/cuda_ranker.h"
#include "cuda/request/device_attention.h"
#include "cuda/request/device_peak.h"
#include "cuda/request/search_results.h"
#include "cuda/residency/cuda_slot_store.h"

namespace kleio::cuda {
namespace {

constexpr float kInfinity = std::numeric_limits<float>::infinity();

void require_not_aborted(const std::atomic<bool>& cancelled) {
  if (cancelled.load(std::memory_order_relaxed)) {
    throw Error(ErrorCode::kAborted, "the search was aborted");
  }
}

bool is_for_kernels(const SearchOptions& options) {
  return options.unit != Unit::kCategory && options.k <= kMaxDeviceK;
}

const ResidentTable& table_of(const HistorySnapshot& history) {
  return static_cast<const CudaSlotView&>(*history.embeddings).table();
}

}  // namespace

CudaBackend::CudaBackend(std::unique_ptr<Device> device, const Backend& cpu,
                         const AcceleratorOptions& options)
    : context_(std::make_shared<DeviceContext>(std::move(device), options)),
      cpu_(cpu),
      info_(info_of(context_->device->properties())) {
  const KernelTable& kernels = context_->device->kernels();
  if (kernels.prepare != nullptr && kernels.prepare() != kSuccess) {
    throw Error(ErrorCode::kDevice, info_.name + ": its kernels cannot be loaded");
  }
}

AcceleratorUsage CudaBackend::usage() const {
  const DeviceMemory::Usage memory = context_->memory.usage();
  const DeviceCounters& counted = context_->counters;
  AcceleratorUsage usage;
  usage.lost = context_->device->is_lost();
  usage.table_bytes = counted.table_bytes;
  usage.history_bytes = memory.held_bytes;
  usage.history_budget_bytes = memory.budget_bytes;
  usage.histories = memory.holders;
  usage.histories_evicted = memory.evictions;
  usage.histories_uploaded = counted.histories_uploaded;
  usage.histories_updated = counted.histories_updated;
  usage.uploaded_bytes = counted.uploaded_bytes;
  usage.cpu_searches = counted.cpu_searches;
  usage.visited_rows = counted.visited_rows;
  usage.compactions = counted.compactions;
  usage.list_overflows = counted.list_overflows;
  usage.graphs = counted.graphs.held;
  usage.graph_captures = counted.graphs.captures;
  usage.graph_replays = counted.graphs.replays;
  return usage;
}

std::shared_ptr<const ResidentTable> CudaBackend::resident(
    std::shared_ptr<const Table> table) const {
  const std::lock_guard lock(tables_mutex_);
  if (const auto found = tables_.find(table.get()); found != tables_.end()) {
    if (auto present = found->second.lock()) return present;
  }
  std::erase_if(tables_, [](const auto& entry) { return entry.second.expired(); });
  const Table* key = table.get();
  auto sent = std::make_shared<const ResidentTable>(context_, std::move(table));
  tables_[key] = sent;
  return sent;
}

std::shared_ptr<const TableResidence> CudaBackend::reside(
    std::shared_ptr<const Table> table) const {
  return resident(std::move(table));
}

std::unique_ptr<SlotStore> CudaBackend::make_slot_store(std::shared_ptr<const Table> table) const {
  return std::make_unique<CudaSlotStore>(context_, resident(std::move(table)));
}

void CudaBackend::search(const HistorySnapshot& history, const Targets& targets,
                         const SearchOptions& options, ThreadPool& pool,
                         const std::atomic<bool>& cancelled, KeptView kept) const {
  const Question question = {&history, &targets, &options, kept};
  answer({&question, 1}, pool, cancelled);
}

void CudaBackend::search_many(std::span<const HistorySearch> searches, ThreadPool& pool,
                              const std::atomic<bool>& cancelled) const {
  std::vector<Question> questions;
  questions.reserve(searches.size());
  for (const HistorySearch& search : searches) {
    questions.push_back({search.history.get(), &search.targets, &search.options, search.kept});
  }
  answer(questions, pool, cancelled);
}

// What kernels answer is gathered by table and kind, each of these one batch.
void CudaBackend::answer(std::span<const Question> questions, ThreadPool& pool,
                         const std::atomic<bool>& cancelled) const {
  std::vector<Part> parts;
  for (const Question& question : questions) {
    if (!is_for_kernels(*question.options)) {
      answer_on_cpu(question, pool, cancelled);
      continue;
    }
    counters_.searches.fetch_add(1, std::memory_order_relaxed);
    counters_.targets.fetch_add(question.targets->count, std::memory_order_relaxed);
    const MatrixView& rows = question.history->table->view();
    const std::vector<std::byte>& embeddings = question.targets->embeddings;
    if (!embeddings.empty()) {
      require_finite({embeddings.data(), question.targets->count, rows.dim, rows.dtype}, "targets");
    }
    if (question.history->slot_count() == 0) {
      std::ranges::fill(question.kept.positions, -1);
      std::ranges::fill(question.kept.scores, -kInfinity);
    } else if (question.targets->count > 0) {
      parts.push_back({&question, 0, question.targets->count});
    }
  }
  while (!parts.empty()) {
    const Question& first = *parts.front().question;
    const auto others = std::stable_partition(parts.begin(), parts.end(), [&](const Part& part) {
      const Question& other = *part.question;
      return &table_of(*other.history) == &table_of(*first.history) &&
             SearchKind::of(*other.options) == SearchKind::of(*first.options);
    });
    answer_together({parts.begin(), others}, pool, cancelled);
    parts.erase(parts.begin(), others);
  }
}

// Searches by category read no embeddings. Others get what the CPU reads made for them: slow, and
// counted.
void CudaBackend::answer_on_cpu(const Question& question, ThreadPool& pool,
                                const std::atomic<bool>& cancelled) const {
  ++context_->counters.cpu_searches;
  const HistorySnapshot& history = *question.history;
  if (question.options->unit == Unit::kCategory) {
    cpu_.search(history, *question.targets, *question.options, pool, cancelled, question.kept);
    return;
  }
  const std::unique_ptr<SlotStore> store = cpu_.make_slot_store(history.table);
  for (std::uint32_t slot = 0; slot < history.slot_count(); ++slot) {
    const std::int32_t row = history.slots[slot].row;
    store->assign(slot, std::max(row, 0));
    if (row < 0) store->free_slot(slot);
  }
  HistorySnapshot packed = history;
  packed.backend = &cpu_;
  packed.embeddings = store->view();
  cpu_.search(packed, *question.targets, *question.options, pool, cancelled, question.kept);
}

void CudaBackend::answer_together(std::span<const Part> parts, ThreadPool& pool,
                                  const std::atomic<bool>& cancelled) const {
  require_not_aborted(cancelled);
  std::vector<SearchSlice> slices;
  for (const Part& part : parts) {
    const Question& question = *part.question;
    slices.push_back(
        {question.history, question.targets, question.options, part.first, part.count});
  }
  const Question& first = *parts.front().question;
  SearchBatch batch(table_of(*first.history), SearchKind::of(*first.options), slices, *context_);
  if (batch.scratch_bytes() > most_scratch_bytes(*context_->device) &&
      divide(parts, pool, cancelled)) {
    return;
  }
  run(batch, parts, pool);
}

// False for a single target, which cannot be divided.
bool CudaBackend::divide(std::span<const Part> parts, ThreadPool& pool,
                         const std::atomic<bool>& cancelled) const {
  if (parts.size() > 1) {
    answer_together(parts.first(parts.size() / 2), pool, cancelled);
    answer_together(parts.subspan(parts.size() / 2), pool, cancelled);
    return true;
  }
  const auto [question, first, count] = parts.front();
  if (count == 1) return false;
  const Part low = {question, first, count / 2};
  const Part high = {question, first + count / 2, count - count / 2};
  answer_together({&low, 1}, pool, cancelled);
  answer_together({&high, 1}, pool, cancelled);
  return true;
}

void CudaBackend::run(SearchBatch& batch, std::span<const Part> parts, ThreadPool& pool) const {
  const std::uint32_t k = parts.front().question->options->k;
  const auto stream = context_->streams.lend();
  batch.bring(*stream);
  UploadBlock counted;
  batch.write(counted, pool);
  const SearchResults results(batch.target_count(), k);
  const std::size_t inputs_at = (results.bytes() + 255) / 256 * 256;
  const std::size_t scratch_at = inputs_at + (counted.bytes() + 255) / 256 * 256;
  std::byte* workspace = stream->workspace(scratch_at + batch.scratch_bytes());
  std::byte* staged = stream->inputs(counted.bytes());
  std::byte* down = stream->outputs(results.bytes());
  UploadBlock inputs(workspace + inputs_at, {staged, counted.bytes()});
  batch.write(inputs, pool);
  DeviceWork work;
  work.upload(workspace + inputs_at, staged, inputs.bytes());
  batch.launch(work, stream->device().kernels(), workspace + scratch_at,
               results.on_device(workspace));
  work.download(down, workspace, results.bytes());
  stream->run(work);
  stream->synchronise();
  std::size_t row = 0;
  for (const Part& part : parts) {
    results.copy(down, row, part.count, part.first, part.question->kept);
    row += part.count;
  }
  const SearchResults::Cost cost = results.cost(down);
  context_->counters.visited_rows += cost.visited_rows;
  context_->counters.compactions += cost.compactions;
  context_->counters.list_overflows += cost.overflows;
}

void CudaBackend::top_k(const MatrixView& history, const MatrixView& targets,
                        const SearchOptions& options, ThreadPool& pool, KeptView kept) const {
  ++context_->counters.cpu_searches;
  cpu_.top_k(history, targets, options, pool, kept);
}

std::unique_ptr<RankerSession> CudaBackend::make_ranker(
    std::shared_ptr<const RankerModel> model) const {
  auto similarity = resident(model->similarity_table);
  auto on_cpu = cpu_.make_ranker(model);
  return std::make_unique<CudaRanker>(std::move(model), std::move(similarity), *this,
                                      std::move(on_cpu), context_);
}

void CudaBackend::attend(const SemanticAttentionView& layers, const TargetAttentionBatch& batch,
                         ThreadPool& pool, std::span<float> out) const {
  if (attend_on_device(layers, batch, *context_, out)) return;
  cpu_.attend(layers, batch, pool, out);
}

double CudaBackend::measure_peak(const PeakLoop& loop) const {
  return measure_device_peak(*context_, loop);
}

}  // namespace kleio::cuda
