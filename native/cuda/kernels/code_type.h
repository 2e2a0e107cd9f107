// The types of the codes that tensor cores multiply: their elements and sums, and the choice of a
// template by one.
#pragma once

#include <cstdint>
#include <type_traits>

#include "core/dtype.h"

namespace kleio::cuda {

template <CodeType>
struct ElementOfCode;
template <>
struct ElementOfCode<CodeType::kInt8> {
  using Type = Int8Element;
};
template <>
struct ElementOfCode<CodeType::kFloat16> {
  using Type = Float16Element;
};
template <>
struct ElementOfCode<CodeType::kBfloat16> {
  using Type = Bfloat16Element;
};

template <CodeType kCode>
using CodeElement = typename ElementOfCode<kCode>::Type;

// What the products of codes are summed in.
template <CodeType kCode>
using CodeSum = std::conditional_t<CodeElement<kCode>::kExactCodes, std::int32_t, float>;

// Calls visit.template operator()<kCode>() with the code type and returns what it returns.
template <typename Visit>
constexpr auto with_code(CodeType type, Visit&& visit) {
  switch (type) {
    case CodeType::kInt8:
      return visit.template operator()<CodeType::kInt8>();
    case CodeType::kFloat16:
      return visit.template operator()<CodeType::kFloat16>();
    case CodeType::kBfloat16:
      return visit.template operator()<CodeType::kBfloat16>();
  }
  __builtin_unreachable();
}

}  // namespace kleio::cuda
