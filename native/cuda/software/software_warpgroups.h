// The multiplications that the warpgroups of a software block have begun (wgmma.mma_async): they
// read shared memory and registers until their group has been waited for, and until then sums are
// garbage.
#pragma once

#include <array>
#include <cstdint>
#include <deque>
#include <random>
#include <vector>

#include "cuda/kernels/execution.h"
#include "cuda/software/software_shared_memory.h"
#include "cuda/software/software_wgmma.h"

namespace kleio::cuda {

// What a warpgroup's threads say of one multiplication, thread by thread.
struct WarpgroupOperands {
  std::array<std::int32_t*, kWarpgroupThreads> sums;
  std::array<const std::uint32_t*, kWarpgroupThreads> a;
  std::array<std::uint64_t, kWarpgroupThreads> b;
  std::uint32_t columns = 0;
  bool adds = false;
};

class SoftwareWarpgroups {
 public:
  // Where shared memory begins for descriptors: as on a GPU, a pattern after zero.
  static constexpr std::uint32_t kSharedAddress = kSwizzlePattern;

  explicit SoftwareWarpgroups(SoftwareSharedMemory& memory) : memory_(memory) {}

  // Registers were used, so that a fence has to come before the next multiplication.
  void use_registers() noexcept { fenced_ = false; }
  void fence() noexcept { fenced_ = true; }
  void begin(const WarpgroupOperands& operands, std::mt19937_64& random);
  void commit();
  void wait(std::uint32_t later);
  // Throws where a multiplication has still to write them.
  void require_done(const std::int32_t* sums) const;

 private:
  struct Multiplication {
    WarpgroupOperands operands;
    WgmmaRegisters a;  // as they were
  };
  // Of sums that are garbage until the last of these multiplications is done.
  struct Accumulator {
    const std::int32_t* registers;  // of the first thread
    std::vector<std::vector<std::int32_t>> sums;
    std::uint32_t multiplications = 0;
  };

  Accumulator& accumulator(const WarpgroupOperands& operands);
  void finish(const Multiplication& multiplication);

  SoftwareSharedMemory& memory_;
  bool fenced_ = false;
  std::vector<Multiplication> begun_;
  std::deque<std::vector<Multiplication>> groups_;
  std::vector<Accumulator> accumulators_;
};

}  // namespace kleio::cuda
