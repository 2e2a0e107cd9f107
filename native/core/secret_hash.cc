#include "core/secret_hash.h"

#include <chrono>
#include <random>

namespace kleio {

std::uint64_t random_bits() noexcept {
  try {
    std::random_device random;
    return std::uint64_t{random()} << 32 | random();
  } catch (...) {  // a system that gives no random numbers
    return mixed_bits(
        static_cast<std::uint64_t>(std::chrono::steady_clock::now().time_since_epoch().count()));
  }
}

const std::uint64_t SecretHash::kSecret = random_bits();

}  // namespace kleio
