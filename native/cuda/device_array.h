// An array in a device's memory that is freed with its owner, in the order of a stream.
#pragma once

#include <cstddef>
#include <span>
#include <utility>

#include "cuda/device.h"

namespace kleio::cuda {

template <typename Value>
class DeviceArray {
 public:
  DeviceArray() = default;
  // Throws kOutOfMemory. The device and the stream outlive the array.
  DeviceArray(Device& device, StreamHandle stream, std::size_t size)
      : device_(&device),
        stream_(stream),
        values_(static_cast<Value*>(device.allocate(size * sizeof(Value), stream))),
        size_(size) {}
  DeviceArray(Device& device, StreamHandle stream, std::span<const Value> values)
      : DeviceArray(device, stream, values.size()) {
    device.upload(values_, values.data(), values.size_bytes(), stream);
  }
  DeviceArray(DeviceArray&& other) noexcept { swap(other); }
  DeviceArray& operator=(DeviceArray&& other) noexcept {
    DeviceArray(std::move(other)).swap(*this);
    return *this;
  }
  ~DeviceArray() {
    if (device_ != nullptr) device_->free(values_, stream_);
  }

  Value* get() const noexcept { return values_; }
  std::size_t size() const noexcept { return size_; }
  std::size_t byte_size() const noexcept { return size_ * sizeof(Value); }

 private:
  void swap(DeviceArray& other) noexcept {
    std::swap(device_, other.device_);
    std::swap(stream_, other.stream_);
    std::swap(values_, other.values_);
    std::swap(size_, other.size_);
  }

  Device* device_ = nullptr;
  StreamHandle stream_;
  Value* values_ = nullptr;
  std::size_t size_ = 0;
};

}  // namespace kleio::cuda
