// Several arrays in one piece of device memory: written on the host at the offsets that they will
// have there, uploaded at once.
//
// What fills a block runs twice: on a block that only counts, then on one of that size, whose
// addresses are the device's.
#pragma once

#include <cassert>
#include <cstddef>
#include <cstring>
#include <span>
#include <type_traits>

namespace kleio::cuda {

class UploadBlock {
 public:
  // Counts only: addresses mean nothing.
  UploadBlock() = default;
  // `host` is uploaded to `device_memory` when everything has been added.
  UploadBlock(std::byte* device_memory, std::span<std::byte> host)
      : device_(device_memory), host_(host) {}

  bool counts_only() const noexcept { return device_ == nullptr; }
  std::size_t bytes() const noexcept { return bytes_; }

  // An array of `size` values: where to write them (null while counting), and the address that
  // they will have on the device, aligned to 16 bytes.
  template <typename Value>
  struct Array {
    Value* host;
    Value* device;
    std::size_t size;
  };
  template <typename Value>
  Array<Value> make(std::size_t size) noexcept {
    static_assert(std::is_trivially_copyable_v<Value>);
    const std::size_t offset = bytes_;
    bytes_ += (size * sizeof(Value) + kAlignment - 1) / kAlignment * kAlignment;
    if (counts_only()) return {nullptr, nullptr, size};
    assert(bytes_ <= host_.size());
    return {reinterpret_cast<Value*>(host_.data() + offset),
            reinterpret_cast<Value*>(device_ + offset), size};
  }

  // The device address that a copy of `values` will have.
  template <typename Value>
  const Value* add(std::span<const Value> values) noexcept {
    const Array<Value> array = make<Value>(values.size());
    if (!counts_only() && !values.empty()) {
      std::memcpy(array.host, values.data(), values.size_bytes());
    }
    return array.device;
  }

 private:
  static constexpr std::size_t kAlignment = 16;

  std::byte* device_ = nullptr;
  std::span<std::byte> host_;
  std::size_t bytes_ = 0;
};

}  // namespace kleio::cuda
