#include "cuda/device/upload_ring.h"

namespace kleio::cuda {

UploadRing::~UploadRing() {
  for (const Piece& piece : pieces_) {
    if (piece.copied.native != nullptr) device_.destroy_event(piece.copied);
  }
}

std::span<std::byte> UploadRing::next() {
  Piece& piece = pieces_[current_];
  if (piece.copied.native == nullptr) piece.copied = device_.make_event();
  if (piece.memory.size() == 0) piece.memory = PinnedBuffer(device_, kPieceBytes);
  device_.synchronise(piece.copied);
  return {piece.memory.data(), kPieceBytes};
}

void UploadRing::sent() {
  device_.record(pieces_[current_].copied, stream_);
  current_ = (current_ + 1) % pieces_.size();
}

}  // namespace kleio::cuda
