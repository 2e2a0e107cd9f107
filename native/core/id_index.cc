#include "core/id_index.h"

#include <algorithm>
#include <array>
#include <bit>
#include <memory>
#include <string>

#include "core/error.h"
#include "core/secret_hash.h"

namespace kleio {
namespace {

// Where looking for an id begins, among a power of two of entries.
std::size_t home_of(std::int64_t id, std::size_t count) noexcept {
  return SecretHash()(id) & (count - 1);
}

}  // namespace

IdIndex::IdIndex(std::span<const std::int64_t> ids, Duplicates duplicates, std::string_view what)
    : buffer_(ids.empty() ? 0 : std::bit_ceil(ids.size() * 2) * sizeof(Entry)) {
  auto* const written = reinterpret_cast<Entry*>(buffer_.data());
  std::uninitialized_fill_n(written, count(), Entry{});
  find_each(ids, [&](std::size_t row, std::size_t found) {
    Entry& entry = written[found];
    if (entry.row >= 0) {
      if (duplicates == Duplicates::kError) {
        throw Error(ErrorCode::kDuplicateId, std::string(what) + " must differ; id " +
                                                 std::to_string(ids[row]) + " is on row " +
                                                 std::to_string(entry.row) + " and on row " +
                                                 std::to_string(row));
      }
      ++shadowed_;
      if (duplicates == Duplicates::kFirst) return;
    }
    entry = {ids[row], static_cast<std::int32_t>(row)};
  });
}

IdIndex IdIndex::of_caller(std::span<const std::int64_t> ids, Duplicates duplicates,
                           std::string_view what) {
  try {
    return IdIndex(ids, duplicates, what);
  } catch (const Error& error) {
    if (error.code() != ErrorCode::kDuplicateId) throw;
    throw Error(error.code(),
                std::string(error.what()) +
                    "; the option duplicates, 'first' or 'last', says which of them it means");
  }
}

BlockVector<std::int64_t> IdIndex::by_row(std::size_t rows) const {
  BlockVector<std::int64_t> ids(rows);
  for (std::size_t index = 0; index < count(); ++index) {
    const auto& [id, row] = entries()[index];
    if (row >= 0) ids[static_cast<std::size_t>(row)] = id;
  }
  return ids;
}

std::int32_t IdIndex::row_of(std::int64_t id) const noexcept {
  if (count() == 0) return -1;
  return row_at(find(id, home_of(id, count())), std::memory_order_acquire);
}

void IdIndex::move(std::int64_t id, std::int32_t row) noexcept {
  auto* const written = reinterpret_cast<Entry*>(buffer_.data());
  Entry& entry = written[find(id, home_of(id, count()))];
  std::atomic_ref(entry.row).store(row, std::memory_order_release);
}

// An entry is free or not for good, but the row of one that is not may be replaced meanwhile.
std::int32_t IdIndex::row_at(std::size_t index, std::memory_order order) const noexcept {
  // Only read: a reference to an atomic constant comes with C++26.
  return std::atomic_ref(const_cast<Entry*>(entries())[index].row).load(order);
}

void IdIndex::rows_of(std::span<const std::int64_t> ids,
                      std::span<std::int32_t> rows) const noexcept {
  if (count() == 0) {
    std::ranges::fill(rows, -1);
    return;
  }
  find_each(ids, [&](std::size_t i, std::size_t index) {
    rows[i] = row_at(index, std::memory_order_acquire);
  });
}

std::size_t IdIndex::find(std::int64_t id, std::size_t index) const noexcept {
  while (row_at(index, std::memory_order_relaxed) >= 0 && entries()[index].id != id) {
    index = (index + 1) & (count() - 1);
  }
  return index;
}

template <typename Visit>
void IdIndex::find_each(std::span<const std::int64_t> ids, const Visit& visit) const {
  // As many as a core has misses in flight, and some more for those that hit.
  constexpr std::size_t kAhead = 16;
  std::array<std::size_t, kAhead> homes;
  const auto fetch = [&](std::size_t i) {
    const std::size_t home = homes[i % kAhead] = home_of(ids[i], count());
    __builtin_prefetch(entries() + home);
  };
  for (std::size_t i = 0; i < std::min(kAhead, ids.size()); ++i) fetch(i);
  for (std::size_t i = 0; i < ids.size(); ++i) {
    const std::size_t index = find(ids[i], homes[i % kAhead]);
    if (i + kAhead < ids.size()) fetch(i + kAhead);
    visit(i, index);
  }
}

}  // namespace kleio
