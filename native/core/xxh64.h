// XXH64, the 64-bit hash of the xxHash specification (version 0.1.1), with seed 0: a checksum that
// reads as fast as memory. Any change within one 8-byte word changes it.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>

namespace kleio {

class Xxh64 {
 public:
  void update(std::span<const std::byte> bytes) noexcept;
  // Copies whole stripes to `to`, and takes the hash of what is there then: nobody else's memory is
  // read twice. Only whole stripes may have come before.
  void update_copying(std::span<const std::byte> stripes, std::byte* to) noexcept;
  std::uint64_t digest() const noexcept;

  static constexpr std::size_t kStripeBytes = 32;

 private:
  void consume(std::span<const std::byte> stripes) noexcept;

  std::array<std::uint64_t, 4> lanes_ = {0x60EA27EEADC0B5D6u, 0xC2B2AE3D27D4EB4Fu, 0,
                                         0x61C8864E7A143579u};
  std::array<std::byte, kStripeBytes> waiting_{};
  std::size_t waiting_bytes_ = 0;
  std::uint64_t total_bytes_ = 0;
};

}  // namespace kleio
