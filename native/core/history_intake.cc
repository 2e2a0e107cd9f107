#include "core/history_intake.h"

#include <algorithm>
#include <cstring>

#include "core/backend.h"
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
  runs_ = {{0, own_}};
  if (sections_->header().form == BytesForm::kPacked) make_room();
  blocks_ = sections_->checksum_blocks();
  checksums_.reserve(blocks_.size());
}

void HistoryIntake::make_room() {
  store_ = ground_.backend->make_slot_store(ground_.table);
  const std::span<const std::byte> items = sections_->bytes_of(Section::kItems);
  const auto slots = static_cast<std::size_t>(sections_->header().slots);
  // Bytes of another table, perhaps: nobody will read them.
  if (items.empty() || items.size() != store_->view()->items_bytes(slots)) return;
  auto begin = static_cast<std::size_t>(items.data() - own_.data());
  runs_ = {{0, own_.first(begin)}};
  for (const std::span<std::byte> run : store_->make_room(slots)) {
    runs_.push_back({begin, run});
    begin += run.size();
  }
  runs_.push_back({begin, own_.subspan(begin)});
}

std::uint64_t HistoryIntake::copy(std::size_t begin,
                                  std::span<const std::byte> from) const noexcept {
  auto run = std::ranges::upper_bound(runs_, begin, {}, &Run::begin) - 1;
  Xxh64 hash;
  for (; !from.empty(); ++run) {
    const std::span<std::byte> to = run->to.subspan(begin - run->begin);
    const std::size_t count = std::min(from.size(), to.size());
    hash.update_copying(from.first(count), to.data());
    from = from.subspan(count);
    begin += count;
  }
  return hash.digest();
}

bool HistoryIntake::take(std::span<const std::byte> from, ThreadPool& pool) {
  if (!sections_) begin(from);
  const std::size_t taken = checksums_.size();
  const std::size_t count = std::min(kBlocksAtOnce, blocks_.size() - taken);
  checksums_.resize(taken + count);
  pool.parallel_for(count, 0, [&](std::size_t index) {
    const std::span<const std::byte> block = blocks_[taken + index];
    const auto begin = static_cast<std::size_t>(block.data() - own_.data());
    checksums_[taken + index] = copy(begin, from.subspan(begin, block.size()));
  });
  if (checksums_.size() < blocks_.size()) return false;
  sections_->require_checksums(checksums_);
  return is_whole_ = true;
}

}  // namespace kleio
