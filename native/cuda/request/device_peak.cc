#include "cuda/request/device_peak.h"

#include <algorithm>
#include <chrono>
#include <cstring>
#include <limits>

#include "cuda/kernels/execution.h"
#include "cuda/kernels/peak_kernels.h"

namespace kleio::cuda {
namespace {

using Clock = std::chrono::steady_clock;

// Thread blocks that a multiprocessor holds at once: none may be left for a second round. Loops of
// matrix units take more registers, and need fewer warps.
constexpr std::uint32_t blocks_per_multiprocessor(Peak peak) noexcept {
  return peak == Peak::kInt8 || peak == Peak::kFloat16 ? 4 : 8;
}
// A launch has to last this long for its own cost, some microseconds, not to count.
constexpr double kMinLaunchSeconds = 1e-3;

double operations_of_mma(Peak peak) noexcept {
  const double depth = peak == Peak::kInt8 ? 32 : 16;
  return 2.0 * 16 * 8 * depth;
}

double seconds_of_launch(RequestStream& stream, const PeakParams& params) {
  const auto begin = Clock::now();
  stream.device().launch(stream.device().kernels().peak, params, stream.handle());
  stream.synchronise();
  return std::chrono::duration<double>(Clock::now() - begin).count();
}

}  // namespace

double peak_work(const PeakParams& params) noexcept {
  const double rounds = params.iterations;
  const double threads = 1.0 * params.blocks * kPeakThreads;
  switch (params.peak) {
    case Peak::kInt8:
    case Peak::kFloat16:
      return rounds * kPeakSums * (threads / kWarpLanes) * operations_of_mma(params.peak);
    case Peak::kFloat32:
      return rounds * kPeakSums * threads * 2;
    case Peak::kRead:
      break;
  }
  return rounds * params.pieces * kPeakPieceBytes;
}

double measure_device_peak(DeviceContext& context, const PeakLoop& loop) {
  constexpr std::size_t kMaxPieces = std::numeric_limits<std::uint32_t>::max();
  const auto stream = context.streams.lend();
  PeakParams params;
  params.peak = loop.peak;
  params.blocks =
      blocks_per_multiprocessor(loop.peak) * context.device->properties().multiprocessors;
  params.iterations = 1;
  params.factor = 0.5f;
  const std::size_t pieces = loop.peak == Peak::kRead ? loop.bytes / kPeakPieceBytes : 0;
  if (loop.peak == Peak::kRead && pieces == 0) return 0;
  params.pieces = static_cast<std::uint32_t>(std::min(pieces, kMaxPieces));
  const std::size_t bytes = std::size_t{params.pieces} * kPeakPieceBytes + sizeof(Words);
  const auto memory = stream->allocate(bytes);
  stream->ring().send(memory->data(), bytes, [](std::size_t, std::span<std::byte> piece) {
    std::memset(piece.data(), 0, piece.size());
  });
  params.memory = memory->data();
  params.unreached = at<std::uint32_t>(memory->data(), bytes - sizeof(Words));
  double best = 0;
  double spent = 0;
  while (spent < loop.seconds) {
    const double seconds = seconds_of_launch(*stream, params);
    spent += seconds;
    best = std::max(best, peak_work(params) / seconds);
    if (seconds < kMinLaunchSeconds && params.iterations < 1u << 30) params.iterations *= 2;
  }
  return best;
}

}  // namespace kleio::cuda
