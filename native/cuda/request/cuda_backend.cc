#include "cuda/request/cuda_backend.h"

#include <algorithm>
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

bool is_for_kernels(const SearchOptions& options) {
  return traits_of(options.unit).reads_embeddings && options.k <= kMaxDeviceK;
}

const ResidentTable& table_of(const HistorySnapshot& history) {
  return history.embeddings->as<CudaSlotView>().table();
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
                         const SearchOptions& options, const CallContext& context,
                         KeptView kept) const {
  const Question question = {&history, &targets, &options, kept, context.max_threads};
  answer({&question, 1}, context);
}

void CudaBackend::search_many(std::span<const HistorySearch> searches,
                              const CallContext& context) const {
  std::vector<Question> questions;
  questions.reserve(searches.size());
  for (const HistorySearch& search : searches) {
    questions.push_back(
        {search.history.get(), &search.targets, &search.options, search.kept, search.max_threads});
  }
  answer(questions, context);
}

// What kernels answer is gathered by table and kind, each of these one batch.
void CudaBackend::answer(std::span<const Question> questions, const CallContext& context) const {
  std::vector<Part> parts;
  for (const Question& question : questions) {
    if (!is_for_kernels(*question.options)) {
      answer_on_cpu(question, context.limited_to(question.max_threads));
      continue;
    }
    counters_.searches.fetch_add(1, std::memory_order_relaxed);
    counters_.targets.fetch_add(question.targets->count, std::memory_order_relaxed);
    const RowsView& rows = question.history->table->view();
    const std::vector<std::byte>& embeddings = question.targets->embeddings;
    if (!embeddings.empty()) {
      require_finite({embeddings.data(), question.targets->count, rows.dim, rows.dtype}, "targets");
    }
    if (question.history->slot_count() == 0) {
      question.kept.clear();
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
    answer_together({parts.begin(), others}, context);
    parts.erase(parts.begin(), others);
  }
}

// Units that read no embeddings need nothing more; others get what the CPU reads made for them:
// slow, and counted.
void CudaBackend::answer_on_cpu(const Question& question, const CallContext& context) const {
  ++context_->counters.cpu_searches;
  const HistorySnapshot& history = *question.history;
  if (!traits_of(question.options->unit).reads_embeddings) {
    cpu_.search(history, *question.targets, *question.options, context, question.kept);
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
  cpu_.search(packed, *question.targets, *question.options, context, question.kept);
}

void CudaBackend::answer_together(std::span<const Part> parts, const CallContext& context) const {
  context.throw_if_cancelled();
  std::vector<SearchSlice> slices;
  for (const Part& part : parts) {
    const Question& question = *part.question;
    slices.push_back(
        {question.history, question.targets, question.options, part.first, part.count});
  }
  const Question& first = *parts.front().question;
  const ResidentTable& table = table_of(*first.history);
  SearchBatch batch(table.table(), table.rows(), SearchKind::of(*first.options), slices, *context_);
  if (batch.scratch_bytes() > most_scratch_bytes(*context_->device) && divide(parts, context)) {
    return;
  }
  // Targets of several searches are encoded by all threads.
  run(batch, parts, parts.size() == 1 ? context.limited_to(first.max_threads) : context);
}

// False for a single target, which cannot be divided.
bool CudaBackend::divide(std::span<const Part> parts, const CallContext& context) const {
  if (parts.size() > 1) {
    answer_together(parts.first(parts.size() / 2), context);
    answer_together(parts.subspan(parts.size() / 2), context);
    return true;
  }
  const auto [question, first, count] = parts.front();
  if (count == 1) return false;
  const Part low = {question, first, count / 2};
  const Part high = {question, first + count / 2, count - count / 2};
  answer_together({&low, 1}, context);
  answer_together({&high, 1}, context);
  return true;
}

void CudaBackend::run(SearchBatch& batch, std::span<const Part> parts,
                      const CallContext& context) const {
  const std::uint32_t k = parts.front().question->options->k;
  const auto stream = context_->streams.lend();
  batch.bring(*stream);
  UploadBlock counted;
  batch.write(counted, context);
  const SearchResults results(batch.target_count(), k);
  const std::size_t inputs_at = (results.bytes() + 255) / 256 * 256;
  const std::size_t scratch_at = inputs_at + (counted.bytes() + 255) / 256 * 256;
  std::byte* workspace = stream->workspace(scratch_at + batch.scratch_bytes());
  std::byte* staged = stream->inputs(counted.bytes());
  std::byte* down = stream->outputs(results.bytes());
  UploadBlock inputs(workspace + inputs_at, {staged, counted.bytes()});
  batch.write(inputs, context);
  DeviceWork work;
  work.upload(workspace + inputs_at, staged, inputs.bytes());
  batch.launch(work, stream->device().kernels(), workspace + scratch_at,
               results.on_device(workspace));
  work.download(down, workspace, results.bytes());
  stream->run(work);
  stream->synchronise();
  std::size_t row = 0;
  for (const Part& part : parts) {
    results.copy(down, row, part.question->kept.rows(part.first, part.count));
    row += part.count;
  }
  const SearchResults::Cost cost = results.cost(down);
  context_->counters.visited_rows += cost.visited_rows;
  context_->counters.compactions += cost.compactions;
  context_->counters.list_overflows += cost.overflows;
}

void CudaBackend::top_k(const MatrixView& history, const MatrixView& targets,
                        const SearchOptions& options, const CallContext& context,
                        KeptView kept) const {
  ++context_->counters.cpu_searches;
  cpu_.top_k(history, targets, options, context, kept);
}

std::unique_ptr<RankerSession> CudaBackend::make_ranker(
    std::shared_ptr<const RankerModel> model) const {
  auto similarity = resident(model->similarity_table);
  auto on_cpu = cpu_.make_ranker(model);
  return std::make_unique<CudaRanker>(std::move(model), std::move(similarity), *this,
                                      std::move(on_cpu), context_);
}

void CudaBackend::attend(const SemanticAttentionView& layers, const TargetAttentionBatch& batch,
                         const CallContext& context, std::span<float> out) const {
  if (attend_on_device(layers, batch, *context_, out)) return;
  cpu_.attend(layers, batch, context, out);
}

double CudaBackend::measure_peak(const PeakLoop& loop) const {
  return measure_device_peak(*context_, loop);
}

}  // namespace kleio::cuda
