// Rate of mma.sync m16n8k32 of int8 as the scan and the append use it
// (native/cuda/kernels/row_products.cuh): a warp keeps 64 rows of 128 dimensions in registers and
// lets tiles of 8 targets pass, two thread blocks of 256 threads a multiprocessor.
//
//   bare       the targets are in registers, too: the peak of the instruction
//   loaded     the fragments of 1000 targets are read through L1, tile by tile
//   maxima     loaded; the largest of a thread's 8 rows, three at a time, is held against the limit
//              of each of its two targets: an append where nothing passes
#include <cuda_runtime.h>

#include "cuda_check.h"
#include "rates/probe.h"

namespace kleio::bench {
namespace {

enum class Loop { kBare, kLoaded, kMaxima };

constexpr int kThreads = 256;
constexpr int kRowTiles = 4;  // of 16 rows, of a warp
constexpr int kSteps = 4;     // of 32 dimensions
constexpr int kTargetTiles = 125;
constexpr int kRounds = 40;  // over all targets
constexpr std::size_t kTileBytes = 8 * 128;

struct Params {
  const uint4* rows;           // a thread's 16 words, thread after thread
  const uint4* targets;        // [kTargetTiles][2][32]
  const std::int32_t* limits;  // [kTargetTiles * 8]
  std::uint32_t* found;
};

__device__ __forceinline__ void multiply_add(std::int32_t (&sums)[4], const uint4& rows,
                                             std::uint32_t low, std::uint32_t high) {
  asm volatile(
      "mma.sync.aligned.m16n8k32.row.col.s32.s8.s8.s32 "
      "{%0,%1,%2,%3},{%4,%5,%6,%7},{%8,%9},{%0,%1,%2,%3};"
      : "+r"(sums[0]), "+r"(sums[1]), "+r"(sums[2]), "+r"(sums[3])
      : "r"(rows.x), "r"(rows.y), "r"(rows.z), "r"(rows.w), "r"(low), "r"(high));
}

// All rows of the warp with a tile of targets.
__device__ __forceinline__ void multiply_tile(std::int32_t (&sums)[kRowTiles][4],
                                              const uint4 (&rows)[kSteps][kRowTiles],
                                              const uint4 (&targets)[2]) {
#pragma unroll
  for (int step = 0; step < kSteps; ++step) {
    const uint4& words = targets[step / 2];
#pragma unroll
    for (int tile = 0; tile < kRowTiles; ++tile) {
      if (step % 2 == 0) {
        multiply_add(sums[tile], rows[step][tile], words.x, words.y);
      } else {
        multiply_add(sums[tile], rows[step][tile], words.z, words.w);
      }
    }
  }
}

// Of a thread's 8 rows, with its target `column`.
__device__ __forceinline__ std::int32_t largest_sum(const std::int32_t (&sums)[kRowTiles][4],
                                                    int column) {
  std::int32_t largest = max(sums[0][column], sums[0][column + 2]);
#pragma unroll
  for (int tile = 1; tile < kRowTiles; ++tile) {
    largest = __vimax3_s32(largest, sums[tile][column], sums[tile][column + 2]);
  }
  return largest;
}

template <Loop kLoop>
__global__ void __launch_bounds__(kThreads, 2) mma_kernel(const __grid_constant__ Params params) {
  const std::uint32_t lane = threadIdx.x % 32;
  uint4 rows[kSteps][kRowTiles];
#pragma unroll
  for (int i = 0; i < kSteps * kRowTiles; ++i) {
    rows[i / kRowTiles][i % kRowTiles] =
        params.rows[(blockIdx.x * kThreads + threadIdx.x) * (kSteps * kRowTiles) + i];
  }
  uint4 targets[2] = {params.targets[lane], params.targets[32 + lane]};
  std::int32_t sums[kRowTiles][4] = {};
  std::uint32_t found = 0;
  for (int round = 0; round < kRounds; ++round) {
    for (int tile = 0; tile < kTargetTiles; ++tile) {
      if constexpr (kLoop != Loop::kBare) {
        targets[0] = __ldg(params.targets + tile * 64 + lane);
        targets[1] = __ldg(params.targets + tile * 64 + 32 + lane);
#pragma unroll
        for (int i = 0; i < kRowTiles * 4; ++i) sums[i / 4][i % 4] = 0;
      }
      multiply_tile(sums, rows, targets);
      if constexpr (kLoop == Loop::kMaxima) {
#pragma unroll
        for (int column = 0; column < 2; ++column) {
          const std::int32_t limit =
              __ldg(params.limits + tile * 8 + 2 * static_cast<int>(lane % 4) + column);
          if (largest_sum(sums, column) >= limit) ++found;
        }
      }
    }
  }
#pragma unroll
  for (int i = 0; i < kRowTiles * 4; ++i) {
    if (sums[i / 4][i % 4] == 0x7fffffff) ++found;
  }
  if (found > 0) atomicAdd(params.found, found);
}

template <Loop kLoop>
void measure(const char* probe, const Params& params, unsigned blocks) {
  const double seconds = seconds_of(
      [&](cudaStream_t stream) { mma_kernel<kLoop><<<blocks, kThreads, 0, stream>>>(params); });
  const double instructions =
      1.0 * blocks * (kThreads / 32) * kRounds * kTargetTiles * kSteps * kRowTiles;
  report(probe, instructions * 2 * 16 * 8 * 32 / seconds * 1e-12, "teraops");
}

}  // namespace

bool measure_mma(const cudaDeviceProp& gpu) {
  const auto blocks = 2 * static_cast<unsigned>(gpu.multiProcessorCount);
  const DeviceBytes rows(std::size_t{blocks} * kThreads * kSteps * kRowTiles * sizeof(uint4));
  const DeviceBytes targets(kTargetTiles * kTileBytes);
  const DeviceBytes limits(std::size_t{kTargetTiles} * 8 * sizeof(std::int32_t));
  const DeviceBytes found(sizeof(std::uint32_t));
  succeed(cudaMemset(limits.as<void>(), 0x7f, limits.size()), "limits that nothing reaches");
  const Params params{rows.as<uint4>(), targets.as<uint4>(), limits.as<std::int32_t>(),
                      found.as<std::uint32_t>()};
  measure<Loop::kBare>("mma.sync", params, blocks);
  measure<Loop::kLoaded>("mma.sync with targets from L1", params, blocks);
  measure<Loop::kMaxima>("mma.sync with targets from L1 and maxima", params, blocks);
  return true;
}

}  // namespace kleio::bench
