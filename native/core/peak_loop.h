// What a device does at best: the floors that measurements are held against.
//
// Each rate is that of a loop which does nothing else, so it belongs to the moment and to the
// neighbours it was measured beside: measure it in the run it is used in.
#pragma once

#include <cstddef>
#include <cstdint>

namespace kleio {

enum class Peak : std::uint8_t {
  // Exact int8 multiply-adds: VPDPBUSD, or PMADDWD on split bytes; mma.sync on a GPU.
  kInt8 = 0,
  kFloat32 = 1,  // float32 multiply-adds
  kRead = 2,     // reading memory, as much as `bytes` again and again
  kFloat16 = 3,  // mma.sync of float16, accumulated in float32; GPUs alone
};

struct PeakLoop {
  Peak peak = Peak::kInt8;
  std::size_t threads = 1;  // of a CPU; a GPU is measured whole
  std::size_t bytes = 0;    // of kRead, over all threads
  double seconds = 0.05;
};

// The part of a backend that can drive its device to its limits.
class PeakMeter {
 public:
  virtual ~PeakMeter() = default;
  // Operations (two a multiply-add) or bytes per second; 0 where this device has no such loop.
  // Throws kOutOfMemory, kDevice, kDeviceLost, std::system_error.
  virtual double measure_peak(const PeakLoop& loop) const = 0;
};

}  // namespace kleio
