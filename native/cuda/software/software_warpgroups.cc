#include "cuda/software/software_warpgroups.h"

#include <algorithm>
#include <stdexcept>

namespace kleio::cuda {

SoftwareWarpgroups::Accumulator& SoftwareWarpgroups::accumulator(
    const WarpgroupOperands& operands) {
  const auto found = std::ranges::find(accumulators_, operands.sums[0], &Accumulator::registers);
  if (found != accumulators_.end()) return *found;
  Accumulator& made = accumulators_.emplace_back();
  made.registers = operands.sums[0];
  for (const std::int32_t* sums : operands.sums) {
    made.sums.emplace_back(sums, sums + operands.columns / 2);
  }
  return made;
}

void SoftwareWarpgroups::begin(const WarpgroupOperands& operands, std::mt19937_64& random) {
  if (!fenced_) throw std::logic_error("wgmma of registers that were used since the last fence");
  ++accumulator(operands).multiplications;
  Multiplication& begun = begun_.emplace_back(Multiplication{operands, {}});
  for (std::uint32_t thread = 0; thread < kWarpgroupThreads; ++thread) {
    if (operands.b[thread] != operands.b[0]) {
      throw std::logic_error("threads of a warpgroup differ about B");
    }
    std::copy_n(operands.a[thread], 4, begun.a[thread].begin());
    for (std::uint32_t i = 0; i < operands.columns / 2; ++i) {
      operands.sums[thread][i] = static_cast<std::int32_t>(random());
    }
  }
  for (std::uint32_t column = 0; column < operands.columns; ++column) {
    for (std::uint32_t word = 0; word < kWgmmaWords; ++word) {
      memory_.begin_async_read(wgmma_b_address(operands.b[0], column, word) - kSharedAddress);
    }
  }
}

void SoftwareWarpgroups::commit() {
  groups_.push_back(std::move(begun_));
  begun_.clear();
}

void SoftwareWarpgroups::wait(std::uint32_t later) {
  for (; groups_.size() > later; groups_.pop_front()) {
    for (const Multiplication& multiplication : groups_.front()) finish(multiplication);
  }
}

void SoftwareWarpgroups::finish(const Multiplication& multiplication) {
  const WarpgroupOperands& operands = multiplication.operands;
  for (std::uint32_t thread = 0; thread < kWarpgroupThreads; ++thread) {
    if (!std::equal(multiplication.a[thread].begin(), multiplication.a[thread].end(),
                    operands.a[thread])) {
      throw std::logic_error("registers of A were written while multiplied");
    }
  }
  std::vector<std::array<std::uint32_t, kWgmmaWords>> b(operands.columns);
  for (std::uint32_t column = 0; column < operands.columns; ++column) {
    for (std::uint32_t word = 0; word < kWgmmaWords; ++word) {
      const std::uint32_t address = wgmma_b_address(operands.b[0], column, word);
      b[column][word] = memory_.end_async_read(address - kSharedAddress);
    }
  }
  Accumulator& of = accumulator(operands);
  if (!operands.adds) {
    for (auto& sums : of.sums) std::ranges::fill(sums, 0);
  }
  multiply_wgmma(multiplication.a, b, of.sums);
  if (--of.multiplications > 0) return;
  for (std::uint32_t thread = 0; thread < kWarpgroupThreads; ++thread) {
    std::ranges::copy(of.sums[thread], operands.sums[thread]);
  }
  std::erase_if(accumulators_, [&](const Accumulator& each) { return &each == &of; });
}

void SoftwareWarpgroups::require_done(const std::int32_t* sums) const {
  if (std::ranges::find(accumulators_, sums, &Accumulator::registers) != accumulators_.end()) {
    throw std::logic_error("sums are read before their multiplication is done");
  }
}

}  // namespace kleio::cuda
