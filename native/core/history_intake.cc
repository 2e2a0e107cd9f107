#include "core/history_intake.h"

#include <algorithm>
#include <cstring>

#include "core/xxh64.h"

namespace kleio {
namespace {

// 2 MiB at once: two threads or more keep the caller for an eighth of a millisecond, one for a
// quarter.
constexpr std::size_t kBlocksAtOnce = 8;

constexpr std::size_t kHeadBytes =
    whole_lines(sizeof(HistoryBytesHeader) + kSectionKinds * sizeof(SectionEntry));

}  // namespace

void HistoryIntake::begin(std::span<const std::byte> from) {
  const std::size_t head = std::min(kHeadBytes, own_.size());
  if (head > 0) std::memcpy(own_.data(), from.data(), head);
  sections_.emplace(own_);
  blocks_ = sections_->checksum_blocks();
  checksums_.reserve(blocks_.size());
}

bool HistoryIntake::take(std::span<const std::byte> from, ThreadPool& pool) {
  if (!sections_) begin(from);
  const std::size_t taken = checksums_.size();
  const std::size_t count = std::min(kBlocksAtOnce, blocks_.size() - taken);
  checksums_.resize(taken + count);
  pool.parallel_for(count, 0, [&](std::size_t index) {
    const std::span<const std::byte> block = blocks_[taken + index];
    const auto offset = static_cast<std::size_t>(block.data() - own_.data());
    Xxh64 hash;
    hash.update_copying(from.subspan(offset, block.size()), own_.data() + offset);
    checksums_[taken + index] = hash.digest();
  });
  if (checksums_.size() < blocks_.size()) return false;
  sections_->require_checksums(checksums_);
  return is_whole_ = true;
}

}  // namespace kleio
