// Backends on devices beside the CPU: what a build knows of them, and the door to one.
//
// A build holds exactly one implementation of the two functions: for CUDA, for the software device
// of the tests, or for none (cpu/no_accelerators.cc).
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "core/backend.h"
#include "core/select_width.h"

namespace kleio {

struct AcceleratorInfo {
  std::string name;     // "cuda:0"; the index is that of the survey
  std::string model;    // "NVIDIA H200"
  std::string compute;  // "9.0"
  std::uint32_t multiprocessors = 0;
  std::size_t memory_bytes = 0;
};

// Found without opening anything: no memory is taken on any device.
struct AcceleratorSurvey {
  std::vector<AcceleratorInfo> devices;
  std::string reason;       // why there are none; empty where there are some
  int driver_version = 0;   // newest CUDA that the driver serves, 12040 is 12.4; 0: no driver
  int runtime_version = 0;  // CUDA that this build was made with; 0: none
};

// What a device holds and has done since it was opened.
struct AcceleratorUsage {
  bool lost = false;
  std::size_t table_bytes = 0;
  std::size_t history_bytes = 0;
  std::size_t history_budget_bytes = 0;
  std::uint64_t histories = 0;           // with something on the device now
  std::uint64_t histories_evicted = 0;   // to keep the budget
  std::uint64_t histories_uploaded = 0;  // whole: the first time, after an eviction, after a clear
  std::uint64_t histories_updated = 0;   // by what had changed alone
  std::uint64_t uploaded_bytes = 0;      // of tables and histories
  std::uint64_t cpu_searches = 0;        // that the CPU answered instead
  std::uint64_t visited_rows = 0;        // by kernels, to score them canonically
  std::uint64_t compactions = 0;         // of full candidate buffers, by kernels
  std::uint64_t list_overflows = 0;      // targets whose list was too short, so all was visited
  std::uint64_t graphs = 0;              // of requests that came again, on the device now
  std::uint64_t graph_captures = 0;      // graphs made
  std::uint64_t graph_replays = 0;       // requests that went to the device as one graph
};

// How kernels find what is worth scoring (cuda/kernels/search_params.h); the answers are the same.
// kComputed: in each case the way that is quicker by computation.
enum class CandidateSearch : std::uint32_t { kBlocks = 0, kLists = 1, kComputed = 2 };

// With which instructions a search by lists lists rows, where the device has both.
enum class AppendKernel : std::uint32_t { kMma = 0, kWgmma = 1 };

struct AcceleratorOptions {
  std::size_t history_budget_bytes = 0;  // 0: half of the device's memory
  bool graphs = true;                    // false: requests go to the device step by step
  CandidateSearch search = CandidateSearch::kBlocks;
  AppendKernel append = AppendKernel::kMma;
  // Most targets of a history for which a search takes one launch in place of two.
  std::uint32_t one_launch_targets = 1;
  SelectWidth select_width = SelectWidth::kBlock;  // of a search that takes two or more
};

class Accelerator : public Backend {
 public:
  virtual const AcceleratorInfo& info() const noexcept = 0;
  virtual AcceleratorUsage usage() const = 0;
};

AcceleratorSurvey survey_accelerators();

// Opens the device of an index in the survey. `cpu` outlives it and answers what it leaves out.
// Throws kDevice, kOutOfMemory.
std::unique_ptr<const Accelerator> open_accelerator(std::size_t index, const Backend& cpu,
                                                    const AcceleratorOptions& options);

}  // namespace kleio
