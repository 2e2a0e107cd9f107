#include "core/later_ids.h"

#include <algorithm>
#include <array>
#include <atomic>
#include <bit>
#include <limits>
#include <utility>

#include "core/secret_hash.h"

namespace kleio {
namespace {

constexpr std::size_t kLeastEntries = 64;
// Entries looked at for each id that comes: with 2 all would be here just when the board is full.
constexpr std::size_t kBroughtWithEach = 4;
constexpr std::size_t kAll = std::numeric_limits<std::size_t>::max();

}  // namespace

LaterIds::Board::Board(std::size_t count, const Board* before)
    : buffer_(LargeBuffer::of_zeros(count * sizeof(Entry))), before_(before) {}

LaterIds::Board::Entry* LaterIds::Board::entries() const noexcept {
  return reinterpret_cast<Entry*>(const_cast<std::byte*>(buffer_.data()));
}

std::size_t LaterIds::Board::home_of(std::int64_t id) const noexcept {
  return SecretHash()(id) & (count() - 1);
}

// -1: free.
std::int32_t LaterIds::Board::row_at(std::size_t index) const noexcept {
  return std::atomic_ref(entries()[index].row_and_1).load(std::memory_order_acquire) - 1;
}

std::int32_t LaterIds::Board::find(std::int64_t id, std::size_t index) const noexcept {
  for (;; index = (index + 1) & (count() - 1)) {
    const std::int32_t row = row_at(index);
    if (row < 0 || entries()[index].id == id) return row;
  }
}

void LaterIds::Board::set(std::int64_t id, std::int32_t row) noexcept {
  std::size_t index = home_of(id);
  std::int32_t present;
  while ((present = row_at(index)) >= 0 && entries()[index].id != id) {
    index = (index + 1) & (count() - 1);
  }
  Entry& entry = entries()[index];
  if (present < 0) entry.id = id;
  std::atomic_ref(entry.row_and_1).store(row + 1, std::memory_order_release);
}

void LaterIds::Board::bring(std::size_t count) noexcept {
  const Board* const before = this->before();
  if (before == nullptr) return;
  const std::size_t end = brought_ + std::min(count, before->count() - brought_);
  for (; brought_ < end; ++brought_) {
    const std::int32_t row = before->row_at(brought_);
    if (row < 0) continue;
    // What came since leads to a newer row.
    const std::int64_t id = before->entries()[brought_].id;
    if (row_of(id) < 0) set(id, row);
  }
  if (brought_ == before->count()) before_.store(nullptr, std::memory_order_release);
}

void LaterIds::Board::fill_missing(std::span<const std::int64_t> ids,
                                   std::span<std::int32_t> rows) const noexcept {
  // Their entries are on the way together.
  struct Missing {
    std::size_t place, home;
  };
  std::array<Missing, 16> missing;
  for (std::size_t i = 0; i < ids.size();) {
    std::size_t count = 0;
    for (; i < ids.size() && count < missing.size(); ++i) {
      if (rows[i] >= 0) continue;
      missing[count] = {i, home_of(ids[i])};
      __builtin_prefetch(&entries()[missing[count++].home]);
    }
    for (const auto& [place, home] : std::span(missing).first(count)) {
      rows[place] = find(ids[place], home);
    }
  }
}

std::int32_t LaterIds::row_of(std::int64_t id) const noexcept {
  const Board* const board = present_.load(std::memory_order_acquire);
  if (board == nullptr) return -1;
  const Board* const before = board->before();
  const std::int32_t row = board->row_of(id);
  return row >= 0 || before == nullptr ? row : before->row_of(id);
}

void LaterIds::fill_missing(std::span<const std::int64_t> ids,
                            std::span<std::int32_t> rows) const noexcept {
  const Board* const board = present_.load(std::memory_order_acquire);
  if (board == nullptr) return;
  const Board* const before = board->before();
  board->fill_missing(ids, rows);
  if (before != nullptr) before->fill_missing(ids, rows);
}

void LaterIds::reserve(std::size_t count) {
  const std::size_t needed = (used_ + count) * 2;
  Board* board = boards_.empty() ? nullptr : boards_.back().get();
  if (board == nullptr || board->count() < needed) {
    boards_.reserve(boards_.size() + 1);
    auto larger = std::make_unique<Board>(std::max(std::bit_ceil(needed), kLeastEntries), board);
    // All of them are there by now, unless very many come at once.
    if (board != nullptr) board->bring(kAll);
    board = larger.get();
    bytes_ += board->byte_size();
    boards_.push_back(std::move(larger));
    present_.store(board, std::memory_order_release);
  }
  board->bring(count * kBroughtWithEach);
}

void LaterIds::set(std::int64_t id, std::int32_t row) noexcept {
  if (row_of(id) < 0) ++used_;
  boards_.back()->set(id, row);
}

}  // namespace kleio
