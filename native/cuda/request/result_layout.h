// Where the arrays of a request's results lie in the memory that is downloaded at once: one right
// behind the other, because every byte of a download has to have been written on the device.
#pragma once

#include <cstddef>
#include <cstdint>

namespace kleio::cuda {

class ResultLayout {
 public:
  // An array of `count` elements of 4 bytes, or of as many words each: no gap aligns them.
  template <typename Element>
  std::size_t add(std::size_t count) noexcept {
    static_assert(sizeof(Element) % sizeof(std::uint32_t) == 0);
    static_assert(alignof(Element) <= alignof(std::uint32_t));
    const std::size_t offset = bytes_;
    bytes_ += count * sizeof(Element);
    return offset;
  }
  std::size_t bytes() const noexcept { return bytes_; }

 private:
  std::size_t bytes_ = 0;
};

}  // namespace kleio::cuda
