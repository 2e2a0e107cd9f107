// A hash of 64-bit ids that others have chosen: of a file, of a request. Without a secret, who
// knows the function writes a megabyte of ids that all belong in one place of a table, and every
// one of them is compared with all before it.
#pragma once

#include <cstddef>
#include <cstdint>

#include "core/hash.h"

namespace kleio {

// Of the system; of the clock, where it gives none.
std::uint64_t random_bits() noexcept;

class SecretHash {
 public:
  std::size_t operator()(std::int64_t id) const noexcept {
    return mixed_bits(static_cast<std::uint64_t>(id) ^ kSecret);
  }

 private:
  static const std::uint64_t kSecret;  // of this process
};

}  // namespace kleio
