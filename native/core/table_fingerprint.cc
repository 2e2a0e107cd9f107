#include "core/table_fingerprint.h"

#include <algorithm>
#include <array>

#include "core/call_context.h"
#include "core/table.h"
#include "core/xxh64.h"

namespace kleio {
namespace {

void add_number(Xxh64& hash, std::uint64_t number) noexcept {
  hash.update(std::as_bytes(std::span(&number, 1)));
}

std::uint64_t hash_of_rows(const Table& table, std::size_t begin, std::size_t end) {
  Xxh64 hash;
  for (std::size_t row = begin; row < end;) {
    const MatrixView values = table.view().side_by_side(row, end);
    hash.update({values.values, values.byte_size()});
    row += values.rows;
  }
  if (!table.has_ids()) return hash.digest();
  std::array<std::int64_t, 64> ids;
  for (std::size_t row = begin; row < end;) {
    const std::size_t count = std::min(ids.size(), end - row);
    for (std::size_t i = 0; i < count; ++i) ids[i] = table.id_of(row + i);
    hash.update(std::as_bytes(std::span(ids).first(count)));
    row += count;
  }
  return hash.digest();
}

}  // namespace

std::vector<std::uint64_t> TableFingerprint::known_blocks(std::size_t count) {
  const std::lock_guard lock(mutex_);
  const std::size_t known = std::min(count, blocks_.size());
  return {blocks_.begin(), blocks_.begin() + static_cast<std::ptrdiff_t>(known)};
}

// Two first callers at once both read the table, and neither waits for the other.
std::uint64_t TableFingerprint::of_first(std::size_t rows, const Table& table,
                                         const CallContext& context) {
  {
    const std::lock_guard lock(mutex_);
    if (rows > 0 && rows == last_rows_) return last_;
  }
  const std::size_t whole = rows / kBlockRows;
  std::vector<std::uint64_t> blocks = known_blocks(whole);
  const std::size_t known = blocks.size();
  blocks.resize((rows + kBlockRows - 1) / kBlockRows);
  context.parallel_for(blocks.size() - known, [&](std::size_t index) {
    context.throw_if_cancelled();
    const std::size_t begin = (known + index) * kBlockRows;
    blocks[known + index] = hash_of_rows(table, begin, std::min(begin + kBlockRows, rows));
  });
  Xxh64 hash;
  add_number(hash, table.dim());
  add_number(hash, static_cast<std::uint64_t>(table.dtype()));
  add_number(hash, table.has_ids() ? 1 : 0);
  add_number(hash, rows);
  hash.update(std::as_bytes(std::span(blocks)));
  const std::lock_guard lock(mutex_);
  last_rows_ = rows;
  last_ = hash.digest();
  blocks.resize(whole);
  if (whole > blocks_.size()) blocks_ = std::move(blocks);
  return last_;
}

std::uint64_t VocabularyFingerprint::of(std::span<const std::int64_t> items,
                                        std::span<const std::int64_t> categories) {
  std::call_once(once_, [&] {
    Xxh64 hash;
    for (const auto& ids : {items, categories}) {
      add_number(hash, ids.size());
      hash.update(std::as_bytes(ids));
    }
    value_ = hash.digest();
  });
  return value_;
}

}  // namespace kleio
