// wgmma.mma_async.m64n256k32 of int8: 64 targets in registers times 256 rows in shared memory.
//
// Formula   sums[target][row] += sum over 32 dimensions of target * row, int32, exact
// Targets   a warpgroup's: warp w holds targets 16w to 16w + 15. A thread (g = lane / 4,
//           t = lane % 4) has for a step of 32 dimensions four words of four bytes: targets g,
//           g + 8, g, g + 8 of its warp, from dimensions 4t, 4t, 16 + 4t, 16 + 4t of the step.
// Sums      128 a thread: sums[4j + 2h + c] is target g + 8h of the warp, row 8j + 2t + c.
// Rows      of 128 bytes, K-major, in the layout that the descriptor calls swizzle 128: piece p of
//           16 bytes of row r lies at 128 r + 16 (p ^ r % 8). A tile begins at a multiple of 1024
//           bytes; groups of 8 rows follow each other every 1024. A step of 32 dimensions begins
//           32 bytes further; the hardware applies the exclusive or to the address it forms.
// Ordering  fence before the first instruction that reads registers, commit and wait before sums
//           are read; rows that ordinary stores have written need a proxy fence before a barrier.
// PTX ISA, "Asynchronous Warpgroup Level Matrix Instructions"; sm_90a alone.
#pragma once

#include <cstdint>

namespace kleio::bench {

inline constexpr int kWgmmaTargets = 64;
inline constexpr int kWgmmaRows = 256;
inline constexpr int kWgmmaRowBytes = 128;
inline constexpr int kWgmmaSteps = 4;
inline constexpr int kWgmmaSums = 128;  // of a thread
inline constexpr int kWgmmaTileBytes = kWgmmaRows * kWgmmaRowBytes;

using WgmmaTargets = std::uint32_t[kWgmmaSteps][4];
using WgmmaSums = std::int32_t[kWgmmaSums];

// Of a sum: its target within the warpgroup's, its row within the tile.
__device__ __forceinline__ int wgmma_target(int thread, int sum) {
  return thread % 128 / 32 * 16 + thread % 32 / 4 + sum % 4 / 2 * 8;
}
__device__ __forceinline__ int wgmma_row(int thread, int sum) {
  return sum / 4 * 8 + thread % 4 * 2 + sum % 2;
}

// Targets are [64][128] bytes.
__device__ __forceinline__ void load_targets(const std::byte* targets, WgmmaTargets& words) {
  const int thread = static_cast<int>(threadIdx.x);
#pragma unroll
  for (int step = 0; step < kWgmmaSteps; ++step) {
#pragma unroll
    for (int i = 0; i < 4; ++i) {
      const int target = thread % 128 / 32 * 16 + thread % 32 / 4 + i % 2 * 8;
      const int byte = step * 32 + i / 2 * 16 + thread % 4 * 4;
      words[step][i] =
          *reinterpret_cast<const std::uint32_t*>(targets + target * kWgmmaRowBytes + byte);
    }
  }
}

// Rows are [256][128] bytes; every thread of the block takes a share.
__device__ __forceinline__ void store_rows(const std::byte* rows, std::byte* tile) {
  for (int piece = static_cast<int>(threadIdx.x); piece < kWgmmaRows * 8;
       piece += static_cast<int>(blockDim.x)) {
    const int row = piece / 8;
    const int place = piece % 8 ^ row % 8;
    *reinterpret_cast<uint4*>(tile + row * kWgmmaRowBytes + place * 16) =
        *reinterpret_cast<const uint4*>(rows + piece * 16);
  }
}

#ifdef __CUDA_ARCH_FEAT_SM90_ALL

// Start address, offset between groups of 8 rows, both in 16 bytes; swizzle 128. The offset within
// a row is not used in this layout.
__device__ __forceinline__ std::uint64_t wgmma_descriptor(std::uint32_t address) {
  return static_cast<std::uint64_t>((address & 0x3ffffu) >> 4) | std::uint64_t{1} << 16 |
         std::uint64_t{1024 / 16} << 32 | std::uint64_t{1} << 62;
}

#define KLEIO_SUMS_4(i) "+r"(sums[i]), "+r"(sums[i + 1]), "+r"(sums[i + 2]), "+r"(sums[i + 3])
#define KLEIO_SUMS_16(i) \
  KLEIO_SUMS_4(i), KLEIO_SUMS_4(i + 4), KLEIO_SUMS_4(i + 8), KLEIO_SUMS_4(i + 12)
#define KLEIO_SUMS_64(i) \
  KLEIO_SUMS_16(i), KLEIO_SUMS_16(i + 16), KLEIO_SUMS_16(i + 32), KLEIO_SUMS_16(i + 48)

// `add` 0: the sums begin here.
__device__ __forceinline__ void wgmma(WgmmaSums& sums, const std::uint32_t (&targets)[4],
                                      std::uint64_t rows, int add) {
  asm volatile(
      "{\n"
      ".reg .pred add;\n"
      "setp.ne.b32 add, %133, 0;\n"
      "wgmma.mma_async.sync.aligned.m64n256k32.s32.s8.s8 {"
      "%0, %1, %2, %3, %4, %5, %6, %7, %8, %9, %10, %11, %12, %13, %14, %15, "
      "%16, %17, %18, %19, %20, %21, %22, %23, %24, %25, %26, %27, %28, %29, %30, %31, "
      "%32, %33, %34, %35, %36, %37, %38, %39, %40, %41, %42, %43, %44, %45, %46, %47, "
      "%48, %49, %50, %51, %52, %53, %54, %55, %56, %57, %58, %59, %60, %61, %62, %63, "
      "%64, %65, %66, %67, %68, %69, %70, %71, %72, %73, %74, %75, %76, %77, %78, %79, "
      "%80, %81, %82, %83, %84, %85, %86, %87, %88, %89, %90, %91, %92, %93, %94, %95, "
      "%96, %97, %98, %99, %100, %101, %102, %103, %104, %105, %106, %107, %108, %109, %110, %111, "
      "%112, %113, %114, %115, %116, %117, %118, %119, %120, %121, %122, %123, %124, %125, %126, "
      "%127}, {%128, %129, %130, %131}, %132, add;\n"
      "}\n"
      : KLEIO_SUMS_64(0), KLEIO_SUMS_64(64)
      : "r"(targets[0]), "r"(targets[1]), "r"(targets[2]), "r"(targets[3]), "l"(rows), "r"(add));
}

// What ordinary stores have put into shared memory is what wgmma reads from here on.
__device__ __forceinline__ void rows_are_stored() {
  asm volatile("fence.proxy.async.shared::cta;" ::: "memory");
  __syncthreads();
}

// The products of a tile, to their end. The last statement is none: it keeps the compiler, which
// sees no connection between the wait and the sums, from reading them earlier.
__device__ __forceinline__ void multiply_tile(WgmmaSums& sums, const WgmmaTargets& targets,
                                              std::uint32_t tile_address) {
  asm volatile("wgmma.fence.sync.aligned;" ::: "memory");
#pragma unroll
  for (int step = 0; step < kWgmmaSteps; ++step) {
    wgmma(sums, targets[step], wgmma_descriptor(tile_address + 32u * step), step);
  }
  asm volatile(
      "wgmma.commit_group.sync.aligned;\n"
      "wgmma.wait_group.sync.aligned 0;" ::
          : "memory");
  asm volatile("" : KLEIO_SUMS_64(0), KLEIO_SUMS_64(64)::"memory");
}

#undef KLEIO_SUMS_64
#undef KLEIO_SUMS_16
#undef KLEIO_SUMS_4

#endif

}  // namespace kleio::bench
