// From 64-bit ids to rows: an open-addressing hash table with linear probing.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

namespace kleio {

class IdIndex {
 public:
  IdIndex() = default;
  // Id at index r is row r. Throws kDuplicateId naming both rows.
  explicit IdIndex(std::span<const std::int64_t> ids);

  // -1 where unknown.
  std::int32_t row_of(std::int64_t id) const noexcept;
  // The id of each of the first `rows` rows.
  std::vector<std::int64_t> by_row(std::size_t rows) const;
  std::size_t byte_size() const noexcept { return places_.capacity() * sizeof(Place); }

 private:
  struct Place {
    std::int64_t id = 0;
    std::int32_t row = -1;  // -1: free
  };
  // Where `id` is, or the free place where it would go.
  std::size_t place_of(std::int64_t id) const noexcept;

  std::vector<Place> places_;  // a power of two, at most half full; empty without ids
};

}  // namespace kleio
