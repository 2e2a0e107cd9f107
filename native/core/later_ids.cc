#include "core/later_ids.h"

#include <algorithm>
#include <array>
#include <bit>
#include <memory>
#include <utility>

#include "core/secret_hash.h"

namespace kleio {
namespace {

constexpr std::size_t kLeastEntries = 64;

}  // namespace

LaterIds::Board::Board(std::size_t count)
    : buffer_(count * sizeof(Entry)), entries_(reinterpret_cast<Entry*>(buffer_.data())) {
  std::uninitialized_default_construct_n(entries_, count);
}

std::size_t LaterIds::Board::home_of(std::int64_t id) const noexcept {
  return SecretHash()(id) & (count() - 1);
}

std::int32_t LaterIds::Board::find(std::int64_t id, std::size_t index) const noexcept {
  for (;; index = (index + 1) & (count() - 1)) {
    const std::int32_t row = entries_[index].row.load(std::memory_order_acquire);
    if (row < 0 || entries_[index].id.load(std::memory_order_relaxed) == id) return row;
  }
}

void LaterIds::Board::set(std::int64_t id, std::int32_t row) noexcept {
  std::size_t index = home_of(id);
  while (entries_[index].row.load(std::memory_order_relaxed) >= 0 &&
         entries_[index].id.load(std::memory_order_relaxed) != id) {
    index = (index + 1) & (count() - 1);
  }
  entries_[index].id.store(id, std::memory_order_relaxed);
  entries_[index].row.store(row, std::memory_order_release);
}

std::int32_t LaterIds::row_of(std::int64_t id) const noexcept {
  const Board* board = present_.load(std::memory_order_acquire);
  return board == nullptr ? -1 : board->find(id, board->home_of(id));
}

void LaterIds::fill_missing(std::span<const std::int64_t> ids,
                            std::span<std::int32_t> rows) const noexcept {
  const Board* board = present_.load(std::memory_order_acquire);
  if (board == nullptr) return;
  // Their entries are on the way together.
  struct Missing {
    std::size_t place, home;
  };
  std::array<Missing, 16> missing;
  for (std::size_t i = 0; i < ids.size();) {
    std::size_t count = 0;
    for (; i < ids.size() && count < missing.size(); ++i) {
      if (rows[i] >= 0) continue;
      missing[count] = {i, board->home_of(ids[i])};
      __builtin_prefetch(&board->at(missing[count++].home));
    }
    for (const auto& [place, home] : std::span(missing).first(count)) {
      rows[place] = board->find(ids[place], home);
    }
  }
}

void LaterIds::reserve(std::size_t count) {
  const std::size_t needed = (used_ + count) * 2;
  const std::size_t held = boards_.empty() ? 0 : boards_.back()->count();
  if (needed <= held) return;
  boards_.reserve(boards_.size() + 1);
  auto larger = std::make_unique<Board>(std::max(std::bit_ceil(needed), kLeastEntries));
  for (std::size_t i = 0; i < held; ++i) {
    const Entry& entry = boards_.back()->at(i);
    const std::int32_t row = entry.row.load(std::memory_order_relaxed);
    if (row >= 0) larger->set(entry.id.load(std::memory_order_relaxed), row);
  }
  bytes_ += larger->byte_size();
  present_.store(larger.get(), std::memory_order_release);
  boards_.push_back(std::move(larger));
}

void LaterIds::set(std::int64_t id, std::int32_t row) noexcept {
  Board& board = *boards_.back();
  if (board.find(id, board.home_of(id)) < 0) ++used_;
  board.set(id, row);
}

}  // namespace kleio
