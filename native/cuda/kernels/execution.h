// How a kernel is written once and executed twice: on a GPU, and on the CPU where tests watch it.
//
// A kernel is a template over `Block`, a block of kThreads threads in warps of 32. It is a sequence
// of phases: `block.each(f)` runs f(thread) for every thread, collectives act on all warps at once,
// `block.barrier()` orders shared memory between phases. What a thread keeps from one phase to the
// next lives in `Block::PerThread<T>`; plain locals hold values that are equal for all threads
// (sizes, parameters, results of block-wide reductions), and so must every condition around a
// collective or a barrier.
//
//                          cuda/kernels/execution_cuda.cuh cuda/software/execution_software.h
//   each(f)                f(threadIdx.x)                 a loop over all threads, in random order
//   PerThread<T>           a register                     an array
//   shuffle, ballot, mma   the instruction                its definition in the PTX ISA
//   shared memory          a pointer                      poisoned, accesses checked for races
//   barrier()              __syncthreads()                ends an epoch of the race check
//
// In execution_cuda_warp.cuh a block is one warp of a thread block: kThreads is 32, barrier() is
// __syncwarp(), shared memory is the warp's part. SoftwareBlock<32> is the same in software.
//
// Members of a Block, where `read` is a function of the thread and `write` one of thread and value:
//   kThreads                               a multiple of 32
//   index()                                of the block in the grid
//   each(f), barrier()
//   reconverge()                           the threads of each warp wait for one another
//   PerThread<T>                           [thread] -> T&
//   shuffle_xor(lane_mask, read, write)    within each warp; values of 32 or 64 bits
//   shuffle_up(lanes, read, write)         lanes below `lanes` get their own value
//   ballot(read, write)                    bool -> the votes of the warp
//   sum_lanes(read, write)                 uint32 -> the sum over the warp's
//   largest_lane(read, write)              uint32 -> the largest of the warp's
//   multiply_add<CodeType>(operands)       mma.sync; `operands(thread)` gives MmaOperands
//   shared<T>(offset_bytes, count)         -> Shared<T>: get(i), set(i, value)
//                                          of uint32 also add(i, value), atomic, -> what was there
//   add(address, value)                    the same in global memory
//   publish(address, value)                stores what other blocks of the launch read; by a thread
//   published(address)                     reads it, as does a later launch
//   fence()                                by a thread, around a ticket: before it, for what the
//                                          block published up to its last barrier; after it, for
//                                          what the blocks with earlier tickets published so
//   take_ticket(counter)                   adds 1 at once for all blocks, -> the value before
//   load(address), load_once(address)      16 bytes of read-only memory, kept in L1 or not
//   load_word(address)                     4 bytes of it, kept in L1
//
// For blocks of whole warpgroups (cuda/kernels/wgmma_layout.h), on GPUs that have wgmma:
//   copy_async(offset_bytes, address, present)
//                                          cp.async of 16 bytes to shared memory, of zeros where
//                                          not present; by a thread
//   commit_copies()                        makes a group of what each thread has begun to copy
//   wait_copies<kLater>()                  each thread's groups but for the latest kLater have come
//   fence_async()                          fence.proxy.async: what each thread has written, wgmma
//                                          may read after the next barrier
//   shared_address(offset_bytes)           what a descriptor says of it
//   wgmma_fence()                          between uses of registers and a wgmma of the same ones
//   wgmma<kColumns>(operands)              wgmma.mma_async of all warpgroups; `operands(thread)`
//                                          gives WgmmaOperands
//   wgmma_commit()                         makes a group of those begun
//   wgmma_wait<kLater, kColumns>(sums)     all but the latest kLater groups are done;
//                                          `sums(thread)`: the registers that are read next
//
// Block-wide sums and prefixes are built from these (cuda/kernels/block_algorithms.cuh), so that
// they too are executed by the tests.
#pragma once

#include <cstdint>

// What a kernel and the functions it is made of are declared as.
#ifdef __CUDACC__
#define KLEIO_KERNEL_CODE __device__ __forceinline__
#define KLEIO_UNROLL _Pragma("unroll")
#define KLEIO_ROLLED _Pragma("unroll 1")
#else
#define KLEIO_KERNEL_CODE inline
#define KLEIO_UNROLL
#define KLEIO_ROLLED
#endif

namespace kleio::cuda {

inline constexpr std::uint32_t kWarpLanes = 32;
inline constexpr std::uint32_t kWarpgroupThreads = 128;

// What one thread loads at once.
struct alignas(16) Words {
  std::uint32_t w[4];
};

// One thread's part of C[16][8] += A[16][k] * B[k][8], where k is 32 bytes of codes. Thread 4g + t
// of a warp holds, in words of 4 bytes:
//   a[0], a[2]  words t and 4 + t of row g of A;  a[1], a[3]  of row g + 8
//   b[0], b[1]  words t and 4 + t of column g of B
//   c[0], c[1]  C[g][2t], C[g][2t + 1];  c[2], c[3]  C[g + 8][2t], C[g + 8][2t + 1]
// Source: PTX ISA, fragments of mma.m16n8k32 for .s8 and of mma.m16n8k16 for .f16 and .bf16.
template <typename Sum>
struct MmaOperands {
  Sum (&c)[4];
  std::uint32_t a[4];
  std::uint32_t b[2];
};

// One thread's part of D[64][kColumns] = A * B, or D + A * B (cuda/kernels/wgmma_layout.h).
template <std::uint32_t kColumns>
struct WgmmaOperands {
  std::int32_t (&sums)[kColumns / 2];
  const std::uint32_t (&a)[4];
  std::uint64_t b;  // descriptor
  bool adds;        // to what the sums are
};

}  // namespace kleio::cuda
