// The checksums of a history's bytes. That of a section is the XXH64 of the XXH64s of its blocks,
// so that many threads can take it, or one a part at a time.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

#include "core/history_bytes.h"

namespace kleio {

std::uint64_t checksum_of(std::span<const std::byte> bytes) noexcept;

// A part of a section, or of the zeros behind it: whole lines.
struct ChecksumBlock {
  std::size_t begin = 0;  // in the bytes
  std::size_t size = 0;
  bool is_last = false;  // of the section
};

// That with number `index`.
ChecksumBlock checksum_block(const SectionEntry& section, std::size_t index) noexcept;
// Of a section, from those of its blocks.
std::uint64_t section_checksum(std::span<const std::uint64_t> of_blocks) noexcept;

}  // namespace kleio
