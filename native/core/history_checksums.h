// The checksums of a history's bytes. That of a section is the XXH64 of the XXH64s of its blocks,
// so that many threads can take it.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "core/history_bytes.h"

namespace kleio {

std::uint64_t checksum_of(std::span<const std::byte> bytes) noexcept;

// Of all sections, in order, the zeros behind each included: whole lines.
std::vector<std::span<const std::byte>> checksum_blocks(std::span<const SectionEntry> sections,
                                                        std::span<const std::byte> bytes);
// From the checksum of each of these.
std::vector<std::uint64_t> section_checksums(std::span<const SectionEntry> sections,
                                             std::span<const std::uint64_t> of_blocks);

}  // namespace kleio
