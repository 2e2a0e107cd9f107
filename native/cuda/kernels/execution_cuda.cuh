// The execution policy of a GPU (cuda/kernels/execution.h): every member is one instruction or
// none. A block is a thread block; in execution_cuda_warp.cuh it is a warp.
#pragma once

#include <cstddef>
#include <cstdint>

#include "cuda/kernels/execution.h"
#include "cuda/kernels/search_params.h"
#include "cuda/kernels/wgmma_cuda.cuh"

namespace kleio::cuda {

// Aligned as patterns of wgmma's shared memory are (cuda/kernels/wgmma_layout.h).
extern __shared__ __align__(1024) std::byte kleio_shared_memory[];

template <typename T>
class CudaShared {
 public:
  __device__ __forceinline__ explicit CudaShared(T* values) : values_(values) {}
  __device__ __forceinline__ T get(std::uint32_t i) const { return values_[i]; }
  __device__ __forceinline__ void set(std::uint32_t i, T value) const { values_[i] = value; }
  __device__ __forceinline__ T add(std::uint32_t i, T value) const {
    return atomicAdd(values_ + i, value);
  }

 private:
  T* values_;
};

template <std::uint32_t kBlockThreads>
class CudaBlock {
  static_assert(kBlockThreads % kWarpLanes == 0);

 public:
  static constexpr std::uint32_t kThreads = kBlockThreads;

  template <typename T>
  class PerThread {
   public:
    __device__ __forceinline__ T& operator[](std::uint32_t) { return value_; }
    __device__ __forceinline__ const T& operator[](std::uint32_t) const { return value_; }

   private:
    T value_;
  };

  template <typename T>
  using Shared = CudaShared<T>;

  __device__ __forceinline__ std::uint32_t index() const { return blockIdx.x; }

  template <typename Work>
  __device__ __forceinline__ void each(Work work) const {
    work(thread());
  }

  __device__ __forceinline__ void barrier() const { __syncthreads(); }
  __device__ __forceinline__ void reconverge() const { __syncwarp(); }

  template <typename Read, typename Write>
  __device__ __forceinline__ void shuffle_xor(std::uint32_t lane_mask, Read read,
                                              Write write) const {
    write(thread(), __shfl_xor_sync(0xffffffffu, read(thread()), static_cast<int>(lane_mask)));
  }

  template <typename Read, typename Write>
  __device__ __forceinline__ void shuffle_up(std::uint32_t lanes, Read read, Write write) const {
    write(thread(), __shfl_up_sync(0xffffffffu, read(thread()), lanes));
  }

  template <typename Read, typename Write>
  __device__ __forceinline__ void ballot(Read read, Write write) const {
    write(thread(), __ballot_sync(0xffffffffu, read(thread())));
  }

  template <typename Read, typename Write>
  __device__ __forceinline__ void sum_lanes(Read read, Write write) const {
    write(thread(), __reduce_add_sync(0xffffffffu, read(thread())));
  }

  template <typename Read, typename Write>
  __device__ __forceinline__ void largest_lane(Read read, Write write) const {
    write(thread(), __reduce_max_sync(0xffffffffu, read(thread())));
  }

  template <CodeType kCode, typename Operands>
  __device__ __forceinline__ void multiply_add(Operands operands) const {
    auto m = operands(thread());
    if constexpr (kCode == CodeType::kInt8) {
      asm volatile(
          "mma.sync.aligned.m16n8k32.row.col.s32.s8.s8.s32 "
          "{%0,%1,%2,%3},{%4,%5,%6,%7},{%8,%9},{%0,%1,%2,%3};"
          : "+r"(m.c[0]), "+r"(m.c[1]), "+r"(m.c[2]), "+r"(m.c[3])
          : "r"(m.a[0]), "r"(m.a[1]), "r"(m.a[2]), "r"(m.a[3]), "r"(m.b[0]), "r"(m.b[1]));
    } else if constexpr (kCode == CodeType::kFloat16) {
      asm volatile(
          "mma.sync.aligned.m16n8k16.row.col.f32.f16.f16.f32 "
          "{%0,%1,%2,%3},{%4,%5,%6,%7},{%8,%9},{%0,%1,%2,%3};"
          : "+f"(m.c[0]), "+f"(m.c[1]), "+f"(m.c[2]), "+f"(m.c[3])
          : "r"(m.a[0]), "r"(m.a[1]), "r"(m.a[2]), "r"(m.a[3]), "r"(m.b[0]), "r"(m.b[1]));
    } else {
      static_assert(kCode == CodeType::kBfloat16);
      asm volatile(
          "mma.sync.aligned.m16n8k16.row.col.f32.bf16.bf16.f32 "
          "{%0,%1,%2,%3},{%4,%5,%6,%7},{%8,%9},{%0,%1,%2,%3};"
          : "+f"(m.c[0]), "+f"(m.c[1]), "+f"(m.c[2]), "+f"(m.c[3])
          : "r"(m.a[0]), "r"(m.a[1]), "r"(m.a[2]), "r"(m.a[3]), "r"(m.b[0]), "r"(m.b[1]));
    }
  }

  __device__ __forceinline__ static std::uint32_t add(std::uint32_t* address, std::uint32_t value) {
    return atomicAdd(address, value);
  }

  __device__ __forceinline__ static void publish(float* address, float value) { *address = value; }
  __device__ __forceinline__ static float published(const float* address) { return *address; }
  __device__ __forceinline__ static void fence() { __threadfence(); }
  __device__ __forceinline__ static std::uint32_t take_ticket(std::uint32_t* counter) {
    return atomicAdd(counter, 1u);
  }

  // The read-only path, which L1 keeps.
  __device__ __forceinline__ static Words load(const std::byte* address) {
    const uint4 words = __ldg(reinterpret_cast<const uint4*>(address));
    return {{words.x, words.y, words.z, words.w}};
  }

  // Past L1: what is read once must not push out what is read often.
  __device__ __forceinline__ static Words load_once(const std::byte* address) {
    Words words;
    asm volatile("ld.global.nc.L1::no_allocate.v4.u32 {%0,%1,%2,%3},[%4];"
                 : "=r"(words.w[0]), "=r"(words.w[1]), "=r"(words.w[2]), "=r"(words.w[3])
                 : "l"(address));
    return words;
  }

  __device__ __forceinline__ static std::uint32_t load_word(const std::byte* address) {
    return __ldg(reinterpret_cast<const std::uint32_t*>(address));
  }

  __device__ __forceinline__ void copy_async(std::uint32_t offset_bytes, const std::byte* from,
                                             bool present) const {
    copy_16_bytes_async(shared_address(offset_bytes), from, present);
  }
  __device__ __forceinline__ void commit_copies() const { commit_copies_async(); }
  template <std::uint32_t kLater>
  __device__ __forceinline__ void wait_copies() const {
    wait_copies_async<kLater>();
  }
  __device__ __forceinline__ void fence_async() const { fence_async_proxy(); }

  __device__ __forceinline__ static std::uint32_t shared_address(std::uint32_t offset_bytes) {
    return static_cast<std::uint32_t>(__cvta_generic_to_shared(kleio_shared_memory)) + offset_bytes;
  }
  __device__ __forceinline__ void wgmma_fence() const { fence_wgmma(); }
  template <std::uint32_t kColumns, typename Operands>
  __device__ __forceinline__ void wgmma(Operands operands) const {
    static_assert(kColumns == 128, "no instruction of this many columns is written down");
    const WgmmaOperands<kColumns> m = operands(threadIdx.x);
    multiply_wgmma(m.sums, m.a, m.b, m.adds);
  }
  __device__ __forceinline__ void wgmma_commit() const { commit_wgmma(); }
  template <std::uint32_t kLater, std::uint32_t kColumns, typename Sums>
  __device__ __forceinline__ void wgmma_wait(Sums sums) const {
    wait_wgmma<kLater>();
    // nvcc does not know that the sums change here: it must not read them before.
    KLEIO_UNROLL for (std::uint32_t i = 0; i < kColumns / 2; ++i) {
      asm volatile("" : "+r"(sums(threadIdx.x)[i])::"memory");
    }
  }

  template <typename T>
  __device__ __forceinline__ Shared<T> shared(std::uint32_t offset_bytes, std::uint32_t) const {
    return Shared<T>(reinterpret_cast<T*>(kleio_shared_memory + offset_bytes));
  }

 private:
  // Of the block, which is a part of the thread block where it is a warp.
  __device__ __forceinline__ static std::uint32_t thread() {
    return kThreads == kWarpLanes ? threadIdx.x % kWarpLanes : threadIdx.x;
  }
};

}  // namespace kleio::cuda
