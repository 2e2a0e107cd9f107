// The true score of a row, in the units in which kernels estimate it.
#pragma once

#include <cstddef>
#include <cstdint>
#include <limits>

#include "cuda/kernels/search_params.h"
#include "kernel_tests/search_case.h"

namespace kleio::cuda::tests {

inline constexpr double kNothing = -std::numeric_limits<double>::infinity();

// kNothing where no search may find the slot.
struct Truth {
  double value = kNothing;
  double weight = 0;
};

// Of the slots of one user, for one target.
class TrueScores {
 public:
  TrueScores(const SearchCase& search, const UserCase& user, const std::byte* target,
             const TargetRecord& record);

  Truth of(std::uint32_t slot) const;

 private:
  bool is_eligible(std::uint32_t slot) const;

  const SearchCase& search_;
  const UserCase& user_;
  const std::byte* target_;
  double norm_sq_;
  double estimates_per_dot_;
};

}  // namespace kleio::cuda::tests
