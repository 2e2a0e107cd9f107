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

std::vector<std::span<const std::byte>> checksum_blocks(std::span<const SectionEntry> sections,
                                                        std::span<const std::byte> bytes) {
  std::vector<std::span<const std::byte>> blocks;
  for (const SectionEntry& entry : sections) {
    const auto section = bytes.subspan(entry.offset, whole_lines(entry.byte_length));
    for (std::size_t at = 0; at < section.size(); at += kBlockBytes) {
      blocks.push_back(section.subspan(at, std::min(kBlockBytes, section.size() - at)));
    }
  }
  return blocks;
}

std::vector<std::uint64_t> section_checksums(std::span<const SectionEntry> sections,
                                             std::span<const std::uint64_t> of_blocks) {
  std::vector<std::uint64_t> checksums;
  for (const SectionEntry& entry : sections) {
    const std::size_t count = (whole_lines(entry.byte_length) + kBlockBytes - 1) / kBlockBytes;
    checksums.push_back(checksum_of(std::as_bytes(of_blocks.first(count))));
    of_blocks = of_blocks.subspan(count);
  }
  return checksums;
}

}  // namespace kleio
