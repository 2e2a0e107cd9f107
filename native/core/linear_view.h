// A linear layer y = W x + b as a model file holds it.
#pragma once

#include <cstddef>

namespace kleio {

struct LinearView {
  const float* weight = nullptr;  // [outputs, inputs], row-major
  const float* bias = nullptr;    // [outputs]
  std::size_t outputs = 0;
  std::size_t inputs = 0;
};

enum class Activation { kNone, kSilu };  // silu(x) = x / (1 + exp(-x))

}  // namespace kleio
