// mma.sync in software against a plain matrix product, with fragments filled as the PTX ISA numbers
// their elements.
#include <array>
#include <cstring>

#include "cuda/kernels/code_type.h"
#include "cuda/software/software_mma.h"
#include "kernel_tests/check.h"
#include "kernel_tests/sections.h"

namespace kleio::cuda::tests {
namespace {

template <std::size_t kDepth>
struct Matrices {
  std::array<std::array<int, kDepth>, 16> a;
  std::array<std::array<int, 8>, kDepth> b;
  std::array<std::array<int, 8>, 16> c;

  explicit Matrices(Random& random, int magnitude) {
    const auto value = [&] {
      return static_cast<int>(random() % (2 * static_cast<unsigned>(magnitude) + 1)) - magnitude;
    };
    for (auto& row : a)
      for (int& element : row) element = value();
    for (auto& row : b)
      for (int& element : row) element = value();
    for (auto& row : c)
      for (int& element : row) element = value();
  }

  int product(std::size_t row, std::size_t column) const {
    int sum = c[row][column];
    for (std::size_t k = 0; k < kDepth; ++k) sum += a[row][k] * b[k][column];
    return sum;
  }
};

// Element i of C: row groupID for i < 2, else groupID + 8; column threadID_in_group * 2 + (i & 1).
template <typename Sum, typename Visit>
void for_each_sum(WarpFragments<Sum>& fragments, Visit visit) {
  for (std::size_t lane = 0; lane < 32; ++lane) {
    for (std::size_t i = 0; i < 4; ++i) {
      visit(fragments.c[lane][i], lane / 4 + (i < 2 ? 0 : 8), lane % 4 * 2 + (i & 1));
    }
  }
}

// .s8: element i of A: row groupID for i < 4 and 8 <= i < 12, else groupID + 8; column
// threadID_in_group * 4 + (i & 3), + 16 for i >= 8. Element i of B: row threadID_in_group * 4 +
// (i & 3), + 16 for i >= 4; column groupID.
void check_int8(Random& random) {
  const Matrices<32> matrices(random, 127);
  WarpFragments<std::int32_t> fragments;
  for (std::size_t lane = 0; lane < 32; ++lane) {
    const std::size_t group = lane / 4, thread = lane % 4;
    for (std::size_t i = 0; i < 16; ++i) {
      const std::size_t row = i < 4 || (i >= 8 && i < 12) ? group : group + 8;
      const std::size_t column = thread * 4 + (i & 3) + (i >= 8 ? 16 : 0);
      const auto code = static_cast<std::int8_t>(matrices.a[row][column]);
      std::memcpy(reinterpret_cast<char*>(fragments.a[lane].data()) + i, &code, 1);
    }
    for (std::size_t i = 0; i < 8; ++i) {
      const std::size_t row = thread * 4 + (i & 3) + (i >= 4 ? 16 : 0);
      const auto code = static_cast<std::int8_t>(matrices.b[row][group]);
      std::memcpy(reinterpret_cast<char*>(fragments.b[lane].data()) + i, &code, 1);
    }
  }
  for_each_sum(fragments, [&](std::int32_t& sum, std::size_t row, std::size_t column) {
    sum = matrices.c[row][column];
  });
  multiply_add_int8(fragments);
  for_each_sum(fragments, [&](std::int32_t& sum, std::size_t row, std::size_t column) {
    require(sum == matrices.product(row, column), "int8: C[%zu][%zu]", row, column);
  });
}

// .f16, .bf16: element i of A: row groupID for i < 2 and 4 <= i < 6, else groupID + 8; column
// threadID_in_group * 2 + (i & 1), + 8 for i >= 4. Element i of B: row threadID_in_group * 2 +
// (i & 1), + 8 for i >= 2; column groupID. Small integers: every order of sums is exact.
template <CodeType kCode>
void check_float(Random& random) {
  using Code = CodeElement<kCode>;
  const Matrices<16> matrices(random, 100);
  WarpFragments<float> fragments;
  for (std::size_t lane = 0; lane < 32; ++lane) {
    const std::size_t group = lane / 4, thread = lane % 4;
    for (std::size_t i = 0; i < 8; ++i) {
      const std::size_t row = i < 2 || (i >= 4 && i < 6) ? group : group + 8;
      const std::size_t column = thread * 2 + (i & 1) + (i >= 4 ? 8 : 0);
      const std::uint16_t code = Code::narrow(matrices.a[row][column]);
      std::memcpy(reinterpret_cast<char*>(fragments.a[lane].data()) + 2 * i, &code, 2);
    }
    for (std::size_t i = 0; i < 4; ++i) {
      const std::size_t row = thread * 2 + (i & 1) + (i >= 2 ? 8 : 0);
      const std::uint16_t code = Code::narrow(matrices.b[row][group]);
      std::memcpy(reinterpret_cast<char*>(fragments.b[lane].data()) + 2 * i, &code, 2);
    }
  }
  for_each_sum(fragments, [&](float& sum, std::size_t row, std::size_t column) {
    sum = static_cast<float>(matrices.c[row][column]);
  });
  multiply_add_float<kCode>(fragments, random);
  for_each_sum(fragments, [&](float& sum, std::size_t row, std::size_t column) {
    require(sum == static_cast<float>(matrices.product(row, column)), "float: C[%zu][%zu]", row,
            column);
  });
}

}  // namespace

std::string check_fragments(Random& random) {
  constexpr int kProducts = 200;
  for (int i = 0; i < kProducts; ++i) {
    check_int8(random);
    check_float<CodeType::kFloat16>(random);
    check_float<CodeType::kBfloat16>(random);
  }
  return std::to_string(3 * kProducts) + " products";
}

}  // namespace kleio::cuda::tests
