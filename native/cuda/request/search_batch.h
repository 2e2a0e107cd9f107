// Searches of any histories over one table as one sequence of launches.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include "core/call_context.h"
#include "core/search.h"
#include "cuda/device/device_context.h"
#include "cuda/device/upload_block.h"
#include "cuda/kernels/search_params.h"
#include "cuda/request/search_plan.h"
#include "cuda/request/search_slice.h"
#include "cuda/residency/resident_history.h"
#include "cuda/residency/resident_table.h"

namespace kleio::cuda {

// Beyond it a batch is divided, so that the workspace of a stream stays a small part of the device.
std::size_t most_scratch_bytes(const Device& device) noexcept;

// Where the select writes, on the device; rows are the slices' targets in turn, then empty ones up
// to a bucket of targets.
struct SearchOutputs {
  std::int32_t* positions = nullptr;  // [rows][k], -1 in empty places
  float* scores = nullptr;            // [rows][k], -infinity in empty places
  SelectCounts* counts = nullptr;     // [rows], or null
};

// Used in this order: make, look at scratch_bytes, bring, write twice (cuda/device/upload_block.h),
// upload, launch. It is dropped after the stream has been synchronised. What its launches say by
// value depends on the buckets of its counts, not on the counts (cuda/request/shape_buckets.h).
class SearchBatch {
 public:
  // `rows` are all that the histories and targets name, of `table`.
  SearchBatch(const Table& table, std::shared_ptr<const ResidentRows> rows, const SearchKind& kind,
              std::span<const SearchSlice> slices, const DeviceContext& context);

  std::size_t target_count() const noexcept { return targets_; }
  std::size_t scratch_bytes() const noexcept;

  // Puts the histories on the device, with the columns that rankings read if `features` is set.
  // Throws kOutOfMemory, kDevice, kDeviceLost.
  void bring(RequestStream& stream, bool features = false);
  std::span<const ResidentHistory::Lease> histories() const noexcept { return leases_; }
  // Encodes targets, with the help of the call's threads, and puts down what the kernels read.
  void write(UploadBlock& inputs, const CallContext& context);
  // Adds its launches to a request's work. `scratch`: memory of the device, scratch_bytes long.
  void launch(DeviceWork& work, const KernelTable& kernels, std::byte* scratch,
              const SearchOutputs& outputs) const;
  // All but the last of it, and what the select is to be launched with.
  SelectParams launch_scans(DeviceWork& work, const KernelTable& kernels, std::byte* scratch,
                            const SearchOutputs& outputs) const;

 private:
  struct ScratchLayout;
  struct Items {
    const ScanItem* items;
    std::uint32_t count;
  };

  std::uint32_t target_places() const noexcept;
  ScanItem filling_item() const noexcept;
  ScanParams scan_in(std::byte* scratch) const;
  SelectParams select_after(const ScanParams& scan, const SearchOutputs& outputs) const;
  void write_targets(UploadBlock& inputs, const CallContext& context);
  static Items write_items(UploadBlock& inputs, std::span<const ScanItem> items);
  void write_histories(UploadBlock& inputs, HistoryParams* histories) const;
  void write_arrivals(UploadBlock& inputs);
  HistoryParams history_params(std::size_t slice) const;

  const Table& table_;
  const std::shared_ptr<const ResidentRows> rows_;
  const SearchKind kind_;
  const std::span<const SearchSlice> slices_;
  const SelectWidth select_width_;
  SearchPlan plan_;
  std::size_t targets_ = 0;
  std::vector<ResidentHistory::Lease> leases_;
  bool one_launch_ = false;
  ScanParams scan_;
  AppendParams append_;                // of a search by lists; `search` is the scan's
  std::uint32_t* arrivals_ = nullptr;  // of one launch
};

}  // namespace kleio::cuda
