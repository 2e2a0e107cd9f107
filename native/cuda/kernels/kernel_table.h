// The kernels of a device as plain functions: host code launches them without knowing whether they
// run on a GPU or in software.
//
// A launch function takes its parameters (a trivially copyable struct of sizes and pointers to
// memory of the device), chooses grid and block, puts the kernel on the stream and returns. It
// never allocates, never synchronises and touches no global state of the runtime.
#pragma once

#include <cstdint>

namespace kleio::cuda {

struct ScanParams;           // cuda/kernels/search_params.h
struct SelectParams;         // cuda/kernels/search_params.h
struct ScanAndSelectParams;  // cuda/kernels/search_params.h
struct ThresholdParams;      // cuda/kernels/search_params.h
struct AppendParams;         // cuda/kernels/search_params.h
struct RankParams;           // cuda/kernels/rank_params.h
struct AttendParams;         // cuda/kernels/rank_params.h
struct TabulateParams;       // cuda/kernels/rank_params.h
struct PeakParams;           // cuda/kernels/peak_kernels.h
struct SlotChangeParams;     // cuda/kernels/slot_changes.h

// A queue of work in order; what it points to belongs to the device that made it.
struct StreamHandle {
  void* native = nullptr;  // cudaStream_t, or of the software device
};

// A cudaError_t; 0 is success.
using DeviceError = int;
inline constexpr DeviceError kSuccess = 0;

template <typename Params>
using LaunchFunction = DeviceError (*)(const Params& params, StreamHandle stream);

struct KernelTable {
  // Once, after the device has been chosen: lifts shared-memory limits of kernels that need more
  // than the default. Optional.
  DeviceError (*prepare)() = nullptr;

  LaunchFunction<ScanParams> scan = nullptr;      // upper filter scores by block of rows
  LaunchFunction<SelectParams> select = nullptr;  // threshold, canonical rescoring, K places
  LaunchFunction<ScanAndSelectParams> scan_and_select = nullptr;  // both, of few targets
  LaunchFunction<ThresholdParams> threshold = nullptr;      // what a row must reach to be listed
  LaunchFunction<AppendParams> append = nullptr;            // lists the rows that do
  LaunchFunction<RankParams> rank = nullptr;                // select, attention, SimTier and tower
  LaunchFunction<AttendParams> attend = nullptr;            // target attention alone
  LaunchFunction<TabulateParams> tabulate = nullptr;        // projections of a model's vocabulary
  LaunchFunction<SlotChangeParams> change_slots = nullptr;  // of a history that grew
  LaunchFunction<PeakParams> peak = nullptr;                // a loop of what a peak counts
};

// The kernels that nvcc compiled (defined by the .cu files; present in a CUDA build only).
const KernelTable& cuda_kernels() noexcept;
// The same kernels over the software policy (software_*.cc; present in every build of the tests).
const KernelTable& software_kernels() noexcept;

}  // namespace kleio::cuda
