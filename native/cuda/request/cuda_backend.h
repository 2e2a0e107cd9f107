// The backend of a device: exact search by kernels, over resident tables and histories.
#pragma once

#include <memory>
#include <mutex>
#include <span>
#include <unordered_map>
#include <vector>

#include "core/accelerator.h"
#include "cuda/device/device_context.h"
#include "cuda/request/search_batch.h"
#include "cuda/residency/resident_table.h"

namespace kleio::cuda {

class CudaBackend final : public Accelerator, public PeakMeter {
 public:
  // `cpu` outlives the backend and answers what kernels do not.
  CudaBackend(std::unique_ptr<Device> device, const Backend& cpu,
              const AcceleratorOptions& options);

  const AcceleratorInfo& info() const noexcept override { return info_; }
  AcceleratorUsage usage() const override;

  std::shared_ptr<const TableResidence> reside(std::shared_ptr<const Table> table) const override;
  std::unique_ptr<SlotStore> make_slot_store(std::shared_ptr<const Table> table) const override;
  void search(const HistorySnapshot& history, const Targets& targets, const SearchOptions& options,
              const CallContext& context, KeptView kept) const override;
  void search_many(std::span<const HistorySearch> searches,
                   const CallContext& context) const override;
  void top_k(const MatrixView& history, const MatrixView& targets, const SearchOptions& options,
             const CallContext& context, KeptView kept) const override;
  std::unique_ptr<RowScorer> make_row_scorer(const RowsView& table, const Targets& targets,
                                             Unit unit) const override;
  std::unique_ptr<RankerSession> make_ranker(
      std::shared_ptr<const RankerModel> model) const override;
  void attend(const SemanticAttentionView& layers, const TargetAttentionBatch& batch,
              const CallContext& context, std::span<float> out) const override;
  const SearchCounters& counters() const noexcept override { return counters_; }
  const PeakMeter* peak_meter() const noexcept override { return this; }
  double measure_peak(const PeakLoop& loop) const override;

 private:
  // One search as it was asked.
  struct Question {
    const HistorySnapshot* history;
    const Targets* targets;
    const SearchOptions* options;
    KeptView kept;
    std::size_t max_threads;
  };
  // Some of its targets.
  struct Part {
    const Question* question;
    std::size_t first;
    std::size_t count;
  };

  std::shared_ptr<const ResidentTable> resident(std::shared_ptr<const Table> table) const;
  void answer(std::span<const Question> questions, const CallContext& context) const;
  void answer_on_cpu(const Question& question, const CallContext& context) const;
  void answer_together(std::span<const Part> parts, const CallContext& context) const;
  bool divide(std::span<const Part> parts, const CallContext& context) const;
  void run(SearchBatch& batch, std::span<const Part> parts, const CallContext& context) const;

  const std::shared_ptr<DeviceContext> context_;
  const Backend& cpu_;
  AcceleratorInfo info_;
  mutable SearchCounters counters_;
  mutable std::mutex tables_mutex_;
  mutable std::unordered_map<const Table*, std::weak_ptr<const ResidentTable>> tables_;
};

}  // namespace kleio::cuda
