// Mixing of integer keys, so that ids in arithmetic patterns spread over a table of 2^n places.
#pragma once

#include <cstdint>

namespace kleio {

// The finaliser of MurmurHash3 (variant 13 of D. Stafford): a bijection, every input bit reaches
// every output bit.
constexpr std::uint64_t mixed_bits(std::uint64_t key) noexcept {
  key = (key ^ key >> 30) * 0xbf58476d1ce4e5b9u;
  key = (key ^ key >> 27) * 0x94d049bb133111ebu;
  return key ^ key >> 31;
}

}  // namespace kleio
