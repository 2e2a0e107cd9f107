// A few pieces of pinned memory through which large amounts go up: while one piece is copied to the
// device, the next is filled.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>

#include "cuda/device/device.h"
#include "cuda/device/device_buffer.h"

namespace kleio::cuda {

class UploadRing {
 public:
  static constexpr std::size_t kPieceBytes = std::size_t{1} << 20;

  UploadRing(Device& device, StreamHandle stream) : device_(device), stream_(stream) {}
  ~UploadRing();
  UploadRing(const UploadRing&) = delete;
  UploadRing& operator=(const UploadRing&) = delete;

  // The next piece, kPieceBytes long, once the device has read what it held before.
  std::span<std::byte> next();
  // After the copies from the current piece were put on the stream.
  void sent();

  // Sends `bytes` to `to`; `fill(offset, piece)` writes the bytes from `offset` on.
  template <typename Fill>
  void send(void* to, std::size_t bytes, Fill&& fill) {
    for (std::size_t offset = 0; offset < bytes; offset += kPieceBytes) {
      const auto piece = next().first(std::min(kPieceBytes, bytes - offset));
      fill(offset, piece);
      device_.upload(static_cast<std::byte*>(to) + offset, piece.data(), piece.size(), stream_);
      sent();
    }
  }

 private:
  struct Piece {
    PinnedBuffer memory;
    EventHandle copied;
  };

  Device& device_;
  StreamHandle stream_;
  std::array<Piece, 4> pieces_;  // made when first needed
  std::size_t current_ = 0;
};

}  // namespace kleio::cuda
