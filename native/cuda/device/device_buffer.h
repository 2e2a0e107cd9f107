// Memory of a device, and pinned memory of the host, as values that free themselves.
//
// Either may be dropped only when no work that uses it is left on any stream, also where something
// throws between two pieces of that work. What a RequestStream allocates it keeps for as long;
// whoever allocates otherwise waits for the stream before it lets go.
#pragma once

#include <cstddef>
#include <cstdint>
#include <utility>

#include "cuda/device/device.h"

namespace kleio::cuda {

class DeviceBuffer {
 public:
  DeviceBuffer() = default;
  // Usable by work on `allocated_on` afterwards. Throws kOutOfMemory.
  DeviceBuffer(Device& device, std::size_t bytes, StreamHandle allocated_on, StreamHandle free_on)
      : device_(&device),
        memory_(device.allocate(bytes, allocated_on)),
        bytes_(bytes),
        free_on_(free_on) {}
  DeviceBuffer(DeviceBuffer&& other) noexcept { swap(other); }
  DeviceBuffer& operator=(DeviceBuffer&& other) noexcept {
    swap(other);
    return *this;
  }
  ~DeviceBuffer() {
    if (memory_ != nullptr) device_->free(memory_, free_on_);
  }

  std::byte* data() const noexcept { return static_cast<std::byte*>(memory_); }
  std::size_t size() const noexcept { return bytes_; }

 private:
  void swap(DeviceBuffer& other) noexcept {
    std::swap(device_, other.device_);
    std::swap(memory_, other.memory_);
    std::swap(bytes_, other.bytes_);
    std::swap(free_on_, other.free_on_);
  }

  Device* device_ = nullptr;
  void* memory_ = nullptr;
  std::size_t bytes_ = 0;
  StreamHandle free_on_;
};

class PinnedBuffer {
 public:
  PinnedBuffer() = default;
  // Throws kOutOfMemory.
  PinnedBuffer(Device& device, std::size_t bytes)
      : device_(&device), memory_(device.allocate_pinned(bytes)), bytes_(bytes) {}
  PinnedBuffer(PinnedBuffer&& other) noexcept { swap(other); }
  PinnedBuffer& operator=(PinnedBuffer&& other) noexcept {
    swap(other);
    return *this;
  }
  ~PinnedBuffer() {
    if (memory_ != nullptr) device_->free_pinned(memory_);
  }

  std::byte* data() const noexcept { return static_cast<std::byte*>(memory_); }
  std::size_t size() const noexcept { return bytes_; }

 private:
  void swap(PinnedBuffer& other) noexcept {
    std::swap(device_, other.device_);
    std::swap(memory_, other.memory_);
    std::swap(bytes_, other.bytes_);
  }

  Device* device_ = nullptr;
  void* memory_ = nullptr;
  std::size_t bytes_ = 0;
};

// Where the parts of one allocation lie, each on a multiple of 256 bytes.
class MemoryLayout {
 public:
  template <typename Element>
  std::size_t add(std::size_t count) noexcept {
    const std::size_t offset = bytes_;
    bytes_ += (count * sizeof(Element) + 255) / 256 * 256;
    return offset;
  }
  std::size_t bytes() const noexcept { return bytes_; }

 private:
  std::size_t bytes_ = 0;
};

template <typename Element>
Element* at(std::byte* memory, std::size_t offset) noexcept {
  return reinterpret_cast<Element*>(memory + offset);
}

}  // namespace kleio::cuda
