// From 64-bit ids to rows: an open-addressing hash table with linear probing.
//
// A lookup in a large table is a cache miss and little else, about 100 ns. Many at once overlap
// theirs: each id's entry is fetched some ids ahead of its use.
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

#include "core/large_buffer.h"

namespace kleio {

// What an id that is on several rows means.
enum class Duplicates : std::uint8_t { kError = 0, kFirst = 1, kLast = 2 };

class IdIndex {
 public:
  IdIndex() = default;
  // Id at index r is row r. `what` names the ids in error texts. Throws kDuplicateId naming both
  // rows, unless such an id means one.
  explicit IdIndex(std::span<const std::int64_t> ids, Duplicates duplicates = Duplicates::kError,
                   std::string_view what = "ids");
  // The same for ids whose owner has an option that says what equal ones mean: the error tells of
  // it.
  static IdIndex of_caller(std::span<const std::int64_t> ids, Duplicates duplicates,
                           std::string_view what);

  // -1 where unknown.
  std::int32_t row_of(std::int64_t id) const noexcept;
  // `id`, which has a row, leads to another one from now on. Any thread may be looking it up.
  void move(std::int64_t id, std::int32_t row) noexcept;
  // The same for as many ids as `rows` has elements. Ids that another thread writes to meanwhile
  // give some row or -1.
  void rows_of(std::span<const std::int64_t> ids, std::span<std::int32_t> rows) const noexcept;
  // The id of each of the first `rows` rows, all of which an id leads to. Not after a `move`.
  BlockVector<std::int64_t> by_row(std::size_t rows) const;
  // Rows that no id leads to, because their id means another one.
  std::size_t shadowed() const noexcept { return shadowed_; }
  std::size_t byte_size() const noexcept { return buffer_.byte_size(); }

 private:
  struct Entry {
    std::int64_t id = 0;
    std::int32_t row = -1;  // -1: free
  };
  // A power of two, at most half full; 0 without ids.
  std::size_t count() const noexcept { return buffer_.size() / sizeof(Entry); }
  const Entry* entries() const noexcept { return reinterpret_cast<const Entry*>(buffer_.data()); }
  std::int32_t row_at(std::size_t index, std::memory_order order) const noexcept;
  // The entry of `id`, or the free one where it would go, looked for from `index` on.
  std::size_t find(std::int64_t id, std::size_t index) const noexcept;
  // Calls visit(i, index) with the index that `find` gives for ids[i], for each i in turn.
  template <typename Visit>
  void find_each(std::span<const std::int64_t> ids, const Visit& visit) const;

  LargeBuffer buffer_;
  std::size_t shadowed_ = 0;
};

}  // namespace kleio
