// Rate of wgmma (rates/wgmma_s8.cuh) where a search would use it: 128 targets a thread block, in
// the registers of two warpgroups that take turns, over tiles of 256 rows.
//
// Rows are in shared memory from the start: what their way there costs is not in these rates.
//   bare       nothing looks at the sums
//   maxima     the largest of the 64 sums of each of a thread's two targets, three at a time, is
//              held against the target's limit: what a filter costs where nothing passes
//   own hits   sums that reach the limit go, with their slots, to a segment that the thread owns:
//              no atomics, but a list of many segments
//   staged     they go to shared memory by a shared atomic, and every eight tiles to the target's
//              list by a global atomic each, as an append with one list a target would have it
// Limits let 0.4 % pass, as K = 50 of 100 000 rows by a sample of an eighth do, and a tenth of
// that.
#include <cuda_runtime.h>

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <vector>

#include "cuda_check.h"
#include "rates/probe.h"
#include "rates/wgmma_s8.cuh"

namespace kleio::bench {
namespace {

enum class Epilogue { kBare, kMaxima, kOwnHits, kStagedHits };

constexpr int kThreads = 256;
constexpr int kBlockTargets = 2 * kWgmmaTargets;
constexpr int kStages = 4;  // tiles that lie in shared memory
constexpr int kRounds = 3000;
constexpr int kStaged = 2048;
constexpr int kSegment = 32;  // hits
constexpr int kLists = 1024;  // of targets, shared by the blocks
constexpr int kList = 1024;   // hits
constexpr std::size_t kSharedBytes = kStages * kWgmmaTileBytes + kStaged * sizeof(uint2) + 16;

struct Params {
  const std::byte* targets;  // [128][128]
  const std::byte* rows;     // [kStages][256][128]
  std::int32_t limit;
  int rounds;
  std::uint32_t* found;   // hits, or maxima that reached the limit
  std::uint32_t* counts;  // [kLists]
  uint2* lists;           // [kLists][kList], or segments [threads][2][kSegment]
};

#ifdef __CUDA_ARCH_FEAT_SM90_ALL

constexpr int kRoundsToFlush = 8;

// Of target g (0) or g + 8 (1) of the thread.
template <int kTarget>
__device__ __forceinline__ std::int32_t largest_sum(const WgmmaSums& sums) {
  std::int32_t largest = sums[2 * kTarget];
#pragma unroll
  for (int i = 2 * kTarget; i < kWgmmaSums; i += 4) {
    largest = __vimax3_s32(largest, sums[i], sums[i + 1]);
  }
  return largest;
}

template <int kTarget, typename Take>
__device__ __forceinline__ void each_hit(const WgmmaSums& sums, std::int32_t limit, Take take) {
  if (largest_sum<kTarget>(sums) < limit) return;
#pragma unroll
  for (int i = 2 * kTarget; i < kWgmmaSums; i += 4) {
#pragma unroll
    for (int column = 0; column < 2; ++column) {
      if (sums[i + column] >= limit) take(i + column);
    }
  }
}

// Hits of a block, in shared memory: the sum, and the slot with the target above it.
struct Stage {
  uint2* hits;
  std::uint32_t* count;

  __device__ void take(std::int32_t sum, std::uint32_t slot, int target) const {
    const std::uint32_t place = atomicAdd(count, 1u);
    if (place < kStaged) hits[place] = {static_cast<std::uint32_t>(sum), slot | target << 24};
  }

  // Blocks share the lists of all targets, as the blocks of a search do that divide the rows.
  __device__ void flush(const Params& params) const {
    __syncthreads();
    const std::uint32_t staged = min(*count, static_cast<std::uint32_t>(kStaged));
    for (std::uint32_t i = threadIdx.x; i < staged; i += kThreads) {
      const std::uint32_t target =
          (blockIdx.x * kBlockTargets + (hits[i].y >> 24)) % static_cast<std::uint32_t>(kLists);
      const std::uint32_t place = atomicAdd(params.counts + target, 1u);
      params.lists[target * kList + place % kList] = hits[i];
    }
    __syncthreads();
    if (threadIdx.x == 0) *count = 0;
    __syncthreads();
  }
};

#endif

template <Epilogue kEpilogue>
__global__ void __launch_bounds__(kThreads, 1) wgmma_kernel(const __grid_constant__ Params params) {
#ifdef __CUDA_ARCH_FEAT_SM90_ALL
  extern __shared__ __align__(1024) std::byte memory[];
  const Stage stage{reinterpret_cast<uint2*>(memory + kStages * kWgmmaTileBytes),
                    reinterpret_cast<std::uint32_t*>(memory + kSharedBytes - 16)};
  if (threadIdx.x == 0) *stage.count = 0;
  for (int tile = 0; tile < kStages; ++tile) {
    store_rows(params.rows + tile * kWgmmaTileBytes, memory + tile * kWgmmaTileBytes);
  }
  rows_are_stored();
  WgmmaTargets targets;
  const int group = static_cast<int>(threadIdx.x) / 128;
  load_targets(params.targets + group * kWgmmaTargets * kWgmmaRowBytes, targets);
  const auto address = static_cast<std::uint32_t>(__cvta_generic_to_shared(memory));
  uint2* const segments =
      params.lists + (blockIdx.x * kThreads + threadIdx.x) * std::uint64_t{2 * kSegment};

  WgmmaSums sums;
  std::uint32_t found = 0;
  std::uint32_t found_high = 0;
  for (int round = 0; round < params.rounds; ++round) {
    multiply_tile(sums, targets, address + round % kStages * kWgmmaTileBytes);
    const std::uint32_t first_slot = static_cast<std::uint32_t>(round) * kWgmmaRows;
    const auto slot = [&](int sum) {
      return first_slot + static_cast<std::uint32_t>(wgmma_row(static_cast<int>(threadIdx.x), sum));
    };
    if constexpr (kEpilogue == Epilogue::kBare) {
      if (sums[0] == 0x7fffffff) ++found;  // never
    } else if constexpr (kEpilogue == Epilogue::kMaxima) {
      if (largest_sum<0>(sums) >= params.limit) ++found;
      if (largest_sum<1>(sums) >= params.limit) ++found;
    } else if constexpr (kEpilogue == Epilogue::kOwnHits) {
      each_hit<0>(sums, params.limit, [&](int i) {
        segments[found++ % kSegment] = {static_cast<std::uint32_t>(sums[i]), slot(i)};
      });
      each_hit<1>(sums, params.limit, [&](int i) {
        segments[kSegment + found_high++ % kSegment] = {static_cast<std::uint32_t>(sums[i]),
                                                        slot(i)};
      });
    } else {
      const auto take = [&](int i) {
        const int target = wgmma_target(static_cast<int>(threadIdx.x), i);
        stage.take(sums[i], slot(i) & 0xffffffu, group * kWgmmaTargets + target);
        ++found;
      };
      each_hit<0>(sums, params.limit, take);
      each_hit<1>(sums, params.limit, take);
      if (round % kRoundsToFlush == kRoundsToFlush - 1) stage.flush(params);
    }
    __syncwarp();  // wgmma takes whole warps
  }
  atomicAdd(params.found, found + found_high);
#endif
}

// One tile of one warpgroup, to be compared: sums are [64][256].
__global__ void __launch_bounds__(128)
    wgmma_tile_kernel(const std::byte* targets, const std::byte* rows, std::int32_t* out) {
#ifdef __CUDA_ARCH_FEAT_SM90_ALL
  extern __shared__ __align__(1024) std::byte memory[];
  store_rows(rows, memory);
  rows_are_stored();
  WgmmaTargets words;
  load_targets(targets, words);
  WgmmaSums sums;
  multiply_tile(sums, words, static_cast<std::uint32_t>(__cvta_generic_to_shared(memory)));
  const int thread = static_cast<int>(threadIdx.x);
#pragma unroll
  for (int i = 0; i < kWgmmaSums; ++i) {
    out[wgmma_target(thread, i) * kWgmmaRows + wgmma_row(thread, i)] = sums[i];
  }
#endif
}

template <typename Kernel>
void allow_shared(Kernel kernel, std::size_t bytes) {
  succeed(cudaFuncSetAttribute(kernel, cudaFuncAttributeMaxDynamicSharedMemorySize,
                               static_cast<int>(bytes)),
          "shared memory");
}

template <typename T>
std::vector<T> fetch(const void* memory, std::size_t count) {
  std::vector<T> values(count);
  succeed(cudaMemcpy(values.data(), memory, count * sizeof(T), cudaMemcpyDeviceToHost), "fetching");
  return values;
}

// A rate of wrong products decides nothing.
bool is_tile_right(const DeviceBytes& targets, const DeviceBytes& rows) {
  const DeviceBytes sums(sizeof(std::int32_t) * kWgmmaTargets * kWgmmaRows);
  allow_shared(wgmma_tile_kernel, kWgmmaTileBytes);
  wgmma_tile_kernel<<<1, 128, kWgmmaTileBytes>>>(targets.as<std::byte>(), rows.as<std::byte>(),
                                                 sums.as<std::int32_t>());
  succeed(cudaPeekAtLastError(), "a tile of wgmma");
  const auto a = fetch<std::int8_t>(targets.as<void>(), kWgmmaTargets * kWgmmaRowBytes);
  const auto b = fetch<std::int8_t>(rows.as<void>(), kWgmmaTileBytes);
  const auto found = fetch<std::int32_t>(sums.as<void>(), kWgmmaTargets * kWgmmaRows);
  for (int target = 0; target < kWgmmaTargets; ++target) {
    for (int row = 0; row < kWgmmaRows; ++row) {
      std::int32_t sum = 0;
      for (int d = 0; d < kWgmmaRowBytes; ++d) {
        sum += a[target * kWgmmaRowBytes + d] * b[row * kWgmmaRowBytes + d];
      }
      if (sum == found[target * kWgmmaRows + row]) continue;
      std::fprintf(stderr, "wgmma: target %d, row %d is %d, not %d\n", target, row,
                   found[target * kWgmmaRows + row], sum);
      return false;
    }
  }
  return true;
}

// Sums are nearly normal: of 128 products of bytes that are spread evenly, whose variance is 5461.
std::int32_t limit_of(double deviations) {
  return static_cast<std::int32_t>(deviations * std::sqrt(128.0) * 5461);
}

class Rates {
 public:
  explicit Rates(const cudaDeviceProp& gpu)
      : blocks_(gpu.multiProcessorCount),
        targets_(kBlockTargets * kWgmmaRowBytes),
        rows_(kStages * kWgmmaTileBytes),
        found_(sizeof(std::uint32_t)),
        counts_(kLists * sizeof(std::uint32_t)),
        lists_(std::max<std::size_t>(
                   std::size_t{kLists} * kList,
                   std::size_t{2} * kSegment * kThreads * static_cast<std::size_t>(blocks_)) *
               sizeof(uint2)) {}

  bool are_right() const { return is_tile_right(targets_, rows_); }

  // Also how many of the sums passed, where some do.
  template <Epilogue kEpilogue>
  void measure(const std::string& probe, double deviations) const {
    allow_shared(wgmma_kernel<kEpilogue>, kSharedBytes);
    counts_.clear();
    const Params params{
        targets_.as<std::byte>(),   rows_.as<std::byte>(),       limit_of(deviations), kRounds,
        found_.as<std::uint32_t>(), counts_.as<std::uint32_t>(), lists_.as<uint2>()};
    const auto blocks = static_cast<unsigned>(blocks_);
    const double seconds = seconds_of([&](cudaStream_t stream) {
      succeed(cudaMemsetAsync(params.found, 0, sizeof *params.found, stream), "a counter");
      wgmma_kernel<kEpilogue><<<blocks, kThreads, kSharedBytes, stream>>>(params);
    });
    const double sums = 1.0 * blocks_ * kRounds * kBlockTargets * kWgmmaRows;
    report(probe, 2 * sums * kWgmmaRowBytes / seconds * 1e-12, "teraops");
    if constexpr (kEpilogue == Epilogue::kOwnHits || kEpilogue == Epilogue::kStagedHits) {
      const double hits = fetch<std::uint32_t>(params.found, 1)[0];
      report(probe + ", share of sums that pass", 100 * hits / sums, "percent");
    }
  }

 private:
  int blocks_;
  DeviceBytes targets_, rows_, found_, counts_, lists_;
};

}  // namespace

bool measure_wgmma(const cudaDeviceProp& gpu) {
  if (gpu.major != 9) return skip("wgmma", "it is of compute capability 9.0"), true;
  const Rates rates(gpu);
  if (!rates.are_right()) return skip("wgmma", "a product is wrong"), false;
  constexpr double kNone = 8;      // deviations beyond which no sum lies
  constexpr double kOften = 2.65;  // 0.4 %
  constexpr double kRare = 3.35;   // 0.04 %
  rates.measure<Epilogue::kBare>("wgmma", kNone);
  rates.measure<Epilogue::kMaxima>("wgmma with maxima", kNone);
  rates.measure<Epilogue::kOwnHits>("wgmma with own hits", kOften);
  rates.measure<Epilogue::kStagedHits>("wgmma with staged hits", kOften);
  rates.measure<Epilogue::kOwnHits>("wgmma with own hits, a tenth", kRare);
  rates.measure<Epilogue::kStagedHits>("wgmma with staged hits, a tenth", kRare);
  return true;
}

}  // namespace kleio::bench
