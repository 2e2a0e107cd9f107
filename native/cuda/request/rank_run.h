// One launch of rankings: the scan and the kernel that selects and ranks, or the latter alone over
// what was chosen before.
#pragma once

#include <cstddef>
#include <memory>
#include <optional>
#include <span>
#include <vector>

#include "core/ranker_model.h"
#include "cuda/device/device_context.h"
#include "cuda/request/rank_batch.h"
#include "cuda/request/rank_results.h"
#include "cuda/request/search_batch.h"
#include "cuda/residency/device_model.h"
#include "cuda/residency/resident_table.h"

namespace kleio::cuda {

// Everything of a ranker that a launch reads.
struct RankResources {
  const RankerModel& model;
  const DeviceModel& device_model;
  std::shared_ptr<const ResidentRows> similarity;
};

class RankRun {
 public:
  // `slices` are of one kind and outlive the run.
  RankRun(const RankResources& resources, const RankKind& kind, const RankPlan& plan,
          std::span<const RankSlice> slices, const DeviceContext& context);

  // Memory of the device that the scan needs for its bounds.
  std::size_t scratch_bytes() const noexcept { return search_ ? search_->scratch_bytes() : 0; }

  // Fills the slices' rankings. Throws kOutOfMemory, kDevice, kDeviceLost.
  void run(DeviceContext& context, RequestStream& stream, const CallContext& call);

 private:
  std::span<const ResidentHistory::Lease> bring(RequestStream& stream);
  void launch_search(DeviceWork& work, const KernelTable& kernels, std::byte* scratch,
                     std::byte* results);
  void add_inputs(UploadBlock& block, std::span<const ResidentHistory::Lease> histories,
                  const CallContext& call);

  const std::shared_ptr<const ResidentRows> similarity_;
  const RankBatch batch_;
  const RankResults results_;
  std::vector<SearchSlice> targets_;
  std::optional<SearchBatch> search_;
  std::vector<ResidentHistory::Lease> histories_;  // without a search
  RankParams params_;
};

}  // namespace kleio::cuda
