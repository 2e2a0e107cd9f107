#include "core/id_index.h"

#include <bit>
#include <string>

#include "core/error.h"
#include "core/hash.h"

namespace kleio {

IdIndex::IdIndex(std::span<const std::int64_t> ids)
    : places_(ids.empty() ? 0 : std::bit_ceil(ids.size() * 2)) {
  for (std::size_t row = 0; row < ids.size(); ++row) {
    const std::int64_t id = ids[row];
    Place& place = places_[place_of(id)];
    if (place.row >= 0) {
      throw Error(ErrorCode::kDuplicateId, "ids must differ; id " + std::to_string(id) +
                                               " is on row " + std::to_string(place.row) +
                                               " and on row " + std::to_string(row));
    }
    place = {id, static_cast<std::int32_t>(row)};
  }
}

std::vector<std::int64_t> IdIndex::by_row(std::size_t rows) const {
  std::vector<std::int64_t> ids(rows);
  for (const Place& place : places_) {
    if (place.row >= 0) ids[static_cast<std::size_t>(place.row)] = place.id;
  }
  return ids;
}

std::int32_t IdIndex::row_of(std::int64_t id) const noexcept {
  return places_.empty() ? -1 : places_[place_of(id)].row;
}

std::size_t IdIndex::place_of(std::int64_t id) const noexcept {
  const std::size_t mask = places_.size() - 1;
  std::size_t place = mixed_bits(static_cast<std::uint64_t>(id)) & mask;
  while (places_[place].row >= 0 && places_[place].id != id) place = (place + 1) & mask;
  return place;
}

}  // namespace kleio
