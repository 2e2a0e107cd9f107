#include "core/block_memory.h"

#include <algorithm>
#include <array>
#include <atomic>
#include <chrono>
#include <cstdint>
#include <cstring>
#include <limits>
#include <mutex>
#include <new>

#include "core/block_region.h"
#include "core/idle_memory.h"
#include "core/system_pages.h"

namespace kleio {
namespace {

// Sizes of blocks: by 64 bytes to 1 KiB, eight to the doubling up to a page, by the page to 64 KiB,
// four to the doubling from there to 2 MiB. What is larger is mapped by itself.
constexpr std::size_t kFineTo = 1024;
constexpr std::size_t kPagesTo = std::size_t{64} << 10;
constexpr std::size_t kRegionsTo = std::size_t{2} << 20;
constexpr std::size_t kFineSizes = kFineTo / kBlockAlignment;
constexpr std::size_t kEighths = 16;  // of two doublings
constexpr std::size_t kPages = kPagesTo / kPageBytes - 1;
constexpr std::size_t kQuarters = 20;  // of five doublings
constexpr std::size_t kSizes = kFineSizes + kEighths + kPages + kQuarters;

struct BlockSize {
  std::size_t index = 0;
  std::size_t bytes = 0;
};

// The step of sizes above `base`, which is the size with number `first`.
constexpr BlockSize size_of_step(std::size_t bytes, std::size_t base, std::size_t first,
                                 std::size_t steps_to_double) noexcept {
  std::size_t step = base / steps_to_double;
  while (bytes > 2 * base) {
    base *= 2;
    step *= 2;
    first += steps_to_double;
  }
  const std::size_t steps = (bytes - base + step - 1) / step;
  return {first + steps, base + steps * step};
}

constexpr std::size_t rounded_up(std::size_t bytes, std::size_t unit) noexcept {
  return (bytes + unit - 1) / unit * unit;
}

// Of 1 to kRegionsTo bytes.
constexpr BlockSize size_for(std::size_t bytes) noexcept {
  if (bytes <= kFineTo) {
    const std::size_t rounded = rounded_up(bytes, kBlockAlignment);
    return {rounded / kBlockAlignment - 1, rounded};
  }
  if (bytes <= kPageBytes) return size_of_step(bytes, kFineTo, kFineSizes - 1, 8);
  constexpr std::size_t kPage = kFineSizes + kEighths - 1;  // the number of one page
  if (bytes <= kPagesTo) {
    const std::size_t rounded = rounded_up(bytes, kPageBytes);
    return {kPage + rounded / kPageBytes - 1, rounded};
  }
  return size_of_step(bytes, kPagesTo, kPage + kPages, 4);
}
static_assert(size_for(1).index == 0 && size_for(kRegionsTo).index == kSizes - 1);
static_assert(size_for(kPageBytes).bytes == kPageBytes && size_for(kPagesTo).bytes == kPagesTo);

// The regions of one size of block.
class BlockShelf {
 public:
  std::byte* take(std::size_t bytes) {
    const std::lock_guard lock(mutex_);
    if (open_ == nullptr) open_ = BlockRegion::map(bytes);
    std::byte* const block = open_->take();
    if (open_->full()) shut(*open_);
    return block;
  }

  void give_back(void* block, std::size_t bytes) noexcept {
    const std::lock_guard lock(mutex_);
    BlockRegion& region = BlockRegion::of(block, bytes);
    const bool was_full = region.full();
    region.give_back(block);
    if (was_full) open(region);
  }

  // Pages, and regions, on which nothing lies.
  void purge() noexcept {
    const std::lock_guard lock(mutex_);
    for (BlockRegion* region = open_; region != nullptr;) {
      BlockRegion* const next = region->next;
      if (region->empty()) {
        shut(*region);
        region->unmap();
      } else {
        region->purge();
      }
      region = next;
    }
  }

 private:
  void open(BlockRegion& region) noexcept {
    region.previous = nullptr;
    region.next = open_;
    if (open_ != nullptr) open_->previous = &region;
    open_ = &region;
  }

  void shut(BlockRegion& region) noexcept {
    (region.previous == nullptr ? open_ : region.previous->next) = region.next;
    if (region.next != nullptr) region.next->previous = region.previous;
  }

  std::mutex mutex_;
  BlockRegion* open_ = nullptr;  // those with room, linked both ways
};

// What was given back is kept for the next block: so much, or a sixteenth of what is in use, for as
// long as there is work, and more for a moment, in which a history that replaces another takes it.
constexpr std::size_t kKeptBytes = std::size_t{2} << 20;
constexpr std::size_t kKeptShare = 16;
constexpr std::size_t kMomentBytes = std::size_t{64} << 20;
constexpr std::size_t kMomentShare = 4;
constexpr std::chrono::milliseconds kMoment{500};

using Clock = std::chrono::steady_clock;

// For as long as the process lives: the last block may go after everything else.
constinit std::array<BlockShelf, kSizes> shelves;
constinit std::atomic<std::size_t> in_use{0};
// At most: what was given back since pages went. Below zero by what is taken at the same time.
constinit std::atomic<std::int64_t> kept{0};
// Since when it is more than what stays; 0: it is not.
constinit std::atomic<Clock::rep> surplus_since{0};

// Whoever looks for faults in the use of memory has a heap of its own for it.
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
constexpr bool kFromHeap = true;
#else
constexpr bool kFromHeap = false;
#endif

void note_taken(std::size_t bytes) noexcept {
  if (kept.load(std::memory_order_relaxed) <= 0) return;
  const auto taken = static_cast<std::int64_t>(bytes);
  const std::int64_t before = kept.fetch_sub(taken, std::memory_order_relaxed);
  constexpr auto kStays = static_cast<std::int64_t>(kKeptBytes);
  if (before > kStays && before - taken <= kStays) surplus_since.store(0);
}

// `now` are kept, more than kKeptBytes.
void shed(std::size_t now) noexcept {
  const std::size_t in_use_now = blocks_in_use();
  if (now <= in_use_now / kKeptShare) return;
  const Clock::rep present = Clock::now().time_since_epoch().count();
  Clock::rep since = 0;
  const bool first = surplus_since.compare_exchange_strong(since, present);
  const Clock::duration lasts(first ? 0 : present - since);
  if (now > std::max(kMomentBytes, in_use_now / kMomentShare) || lasts > kMoment) {
    give_back_kept_pages();
  } else if (first) {
    expect_idle_memory();
  }
}

}  // namespace

std::byte* take_block(std::size_t bytes) {
  if (bytes == 0) return nullptr;
  const std::size_t taken = block_bytes(bytes);
  std::byte* block;
  if constexpr (kFromHeap) {
    block = static_cast<std::byte*>(::operator new(bytes, std::align_val_t{kBlockAlignment}));
  } else if (bytes > kRegionsTo) {
    block = map_pages(taken);
  } else {
    const BlockSize size = size_for(bytes);
    block = shelves[size.index].take(size.bytes);
    note_taken(taken);
  }
  in_use.fetch_add(taken, std::memory_order_relaxed);
  return block;
}

std::byte* take_zeroed_block(std::size_t bytes) {
  std::byte* const block = take_block(bytes);
  const bool is_fresh = !kFromHeap && bytes > kRegionsTo;
  if (!is_fresh && bytes > 0) std::memset(block, 0, bytes);
  return block;
}

void give_back_block(void* block, std::size_t bytes) noexcept {
  if (block == nullptr) return;
  const std::size_t taken = block_bytes(bytes);
  in_use.fetch_sub(taken, std::memory_order_relaxed);
  if constexpr (kFromHeap) {
    ::operator delete(block, std::align_val_t{kBlockAlignment});
  } else if (bytes > kRegionsTo) {
    unmap_pages(block, taken);
  } else {
    const BlockSize size = size_for(bytes);
    shelves[size.index].give_back(block, size.bytes);
    const auto more = static_cast<std::int64_t>(taken);
    const std::int64_t now = kept.fetch_add(more) + more;
    if (now > static_cast<std::int64_t>(kKeptBytes)) shed(static_cast<std::size_t>(now));
  }
}

std::size_t block_bytes(std::size_t bytes) noexcept {
  if (bytes > std::numeric_limits<std::size_t>::max() - kPageBytes) return bytes;
  if (bytes > kPageBytes) return rounded_up(bytes, kPageBytes);
  return bytes == 0 ? 0 : size_for(bytes).bytes;
}

std::size_t blocks_in_use() noexcept {
  return in_use.load(std::memory_order_relaxed);
}

bool kept_pages_lie() noexcept {
  const Clock::rep since = surplus_since.load();
  return since == 0 || Clock::now().time_since_epoch() - Clock::duration(since) > kMoment / 4;
}

void give_back_kept_pages() noexcept {
  kept.store(0);
  surplus_since.store(0);
  for (BlockShelf& shelf : shelves) shelf.purge();
}

}  // namespace kleio
