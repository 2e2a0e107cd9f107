#include "core/history_checksums.h"

#include <algorithm>

#include "core/xxh64.h"

namespace kleio {
namespace {

constexpr std::size_t kBlockBytes = std::size_t{1} << 18;

}  // namespace

std::uint64_t checksum_of(std::span<const std::byte> bytes) noexcept {
  Xxh64 hash;
  hash.update(bytes);
  return hash.digest();
}

ChecksumBlock checksum_block(const SectionEntry& section, std::size_t index) noexcept {
  const std::size_t begin = index * kBlockBytes;
  const std::size_t left = whole_lines(section.byte_length) - begin;
  return {section.offset + begin, std::min(left, kBlockBytes), left <= kBlockBytes};
}

std::uint64_t section_checksum(std::span<const std::uint64_t> of_blocks) noexcept {
  return checksum_of(std::as_bytes(of_blocks));
}

}  // namespace kleio
