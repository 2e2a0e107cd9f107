// 16-bit codes of a row of float32 values: the nearest of x / 2^e, where 2^e brings the largest
// magnitude to [2^14, 2^15), so that neither the accumulator of a scan nor a product overflows.
//
// Scaling by a power of two is exact but where it underflows, below 2^-126 of a largest 2^14: far
// under what is a code at all. So is the difference to the code, of at most 13 bits.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

#include "cuda/kernels/search_params.h"

namespace kleio::cuda {

inline constexpr std::uint32_t kCodesAtOnce = 8;  // 16 bytes

// The scale of one row's codes.
class CodeScale {
 public:
  // Of a row's values; `type` is of 16 bits.
  CodeScale(std::span<const float> values, CodeType type) noexcept;

  // The codes of the row's values, filled up with zeros to a multiple of kCodesAtOnce. Returns
  // |x - x^|.
  double encode(std::span<const float> values, std::uint16_t* codes) const noexcept;

  double scale() const noexcept { return scale_; }  // 2^e; 1 for a row of zeros

 private:
  CodeType type_;
  double scale_ = 1;
  float first_factor_ = 0;  // their product is 1 / scale, which a float32 may not hold
  float second_factor_ = 0;
};

}  // namespace kleio::cuda
