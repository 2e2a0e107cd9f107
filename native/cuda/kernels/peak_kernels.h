// Loops that do nothing but what a peak counts (core/peak_loop.h), over a whole device.
#pragma once

#include <cstddef>
#include <cstdint>

#include "core/peak_loop.h"
#include "cuda/kernels/kernel_table.h"

namespace kleio::cuda {

inline constexpr std::uint32_t kPeakThreads = 256;  // of a thread block

// Independent sums of a thread, which hide the latency of the unit.
inline constexpr std::uint32_t kPeakSums = 8;
// Loads of 16 bytes that a thread has in flight.
inline constexpr std::uint32_t kPeakLoads = 8;
// What a thread block reads at a time.
inline constexpr std::uint32_t kPeakPieceBytes = kPeakThreads * kPeakLoads * 16;

struct PeakParams {
  Peak peak = Peak::kInt8;
  std::uint32_t blocks = 0;            // of threads
  std::uint32_t iterations = 0;        // of an arithmetic loop, or passes over the memory
  const std::byte* memory = nullptr;   // of kRead
  std::uint32_t pieces = 0;            // of kPeakPieceBytes
  float factor = 0;                    // of kFloat32: known to the launch alone
  std::uint32_t* unreached = nullptr;  // written where a sum is what it never is
};

// Operations (two a multiply-add) or bytes of a launch.
double peak_work(const PeakParams& params) noexcept;

DeviceError peak_cuda(const PeakParams& params, StreamHandle stream);
DeviceError peak_software(const PeakParams& params, StreamHandle stream);

}  // namespace kleio::cuda
