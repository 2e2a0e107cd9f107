// What tensor_core_rates measures, a file each, and how a measurement is taken and told.
#pragma once

#include <cuda_runtime_api.h>

#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>

namespace kleio::bench {

// One JSON object a line, as soon as it is known.
void report(const std::string& probe, double value, const char* unit);
void skip(const std::string& probe, const char* why);

// Device seconds of a launch that takes milliseconds, so that its events do not show: the median of
// what a quarter of a second allows, at least five.
double seconds_of(const std::function<void(cudaStream_t)>& launch);

// Device memory, full of bytes drawn from a hash: zeros would multiply faster than numbers do.
class DeviceBytes {
 public:
  explicit DeviceBytes(std::size_t bytes);
  ~DeviceBytes();
  DeviceBytes(const DeviceBytes&) = delete;
  DeviceBytes& operator=(const DeviceBytes&) = delete;

  template <typename T>
  T* as() const {
    return static_cast<T*>(memory_);
  }
  std::size_t size() const { return bytes_; }

  void clear() const;

 private:
  void* memory_ = nullptr;
  std::size_t bytes_;
};

// False: what was computed is wrong, and so was not timed.
bool measure_mma(const cudaDeviceProp& gpu);
bool measure_wgmma(const cudaDeviceProp& gpu);
bool measure_memory(const cudaDeviceProp& gpu);
bool measure_launches(const cudaDeviceProp& gpu);
bool measure_atomics(const cudaDeviceProp& gpu);

}  // namespace kleio::bench
