// Rows that are appended to a table: all that can throw first, then one store that shows them.
#include <cstring>
#include <string>

#include "core/error.h"
#include "core/table.h"

namespace kleio {

// What the ids of an append mean.
struct Table::Arrivals {
  std::vector<std::size_t> leading;        // places of ids that lead to their new row, ascending
  std::vector<std::int32_t> leading_from;  // the rows that they led to before; -1: none
  std::size_t moved = 0;                   // of these not -1
  bool first_moved = false;                // some of them a row that the table was made with
};

std::size_t Table::append(const MatrixView& values, const Ids& ids, Duplicates duplicates) {
  if (ids.has_value() != has_ids_) {
    throw Error(ErrorCode::kArgument, has_ids_ ? "ids must be given, one per row; the table has ids"
                                               : "ids must be left out; the table has none");
  }
  if (ids && ids->size() != values.rows) {
    throw Error(ErrorCode::kShape, "ids must be one per row (" + std::to_string(values.rows) +
                                       "); got " + std::to_string(ids->size()));
  }
  const std::lock_guard lock(appending_);
  const std::size_t first = rows();
  if (values.rows > kMaxRows - first) {
    throw Error(ErrorCode::kRange, "a table holds at most " + std::to_string(kMaxRows) +
                                       " rows; it would have " +
                                       std::to_string(first + values.rows));
  }
  if (values.rows == 0) return first;
  make_room(first - first_rows_ + values.rows);
  write_values(values);
  if (ids) {
    // Another thread may be writing to the caller's.
    const std::vector<std::int64_t> copy(ids->begin(), ids->end());
    const Arrivals arrivals = arrivals_of(copy, duplicates);
    if (arrivals.first_moved) list_ids();
    later_ids_.reserve(arrivals.leading.size());
    moved_from_.reserve(arrivals.moved);
    write_ids(copy, arrivals);
  }
  rows_.store(first + values.rows, std::memory_order_release);
  return first;
}

void Table::make_room(std::size_t rows) {
  later_rows_.reserve(rows);
  if (has_ids_) id_of_later_.reserve(rows);
}

// Behind the last row, where nobody looks.
void Table::write_values(const MatrixView& values) {
  const std::size_t first = rows() - first_rows_;
  for (std::size_t row = 0; row < values.rows;) {
    const std::size_t count = later_rows_.side_by_side(first + row, values.rows - row);
    std::memcpy(later_rows_.writable(first + row), values.row(row), count * row_bytes());
    row += count;
  }
  // The copy is checked: the original may change in between.
  for (std::size_t row = 0; row < values.rows;) {
    const MatrixView copied =
        view_.side_by_side(first_rows_ + first + row, first_rows_ + first + values.rows);
    require_finite(copied, "values", row);
    row += copied.rows;
  }
}

Table::Arrivals Table::arrivals_of(std::span<const std::int64_t> ids, Duplicates duplicates) const {
  const IdIndex among = IdIndex::of_caller(ids, duplicates, "ids");
  std::vector<std::int32_t> present(ids.size());
  rows_of(ids, present);
  Arrivals arrivals;
  arrivals.leading.reserve(ids.size());
  arrivals.leading_from.reserve(ids.size());
  for (std::size_t i = 0; i < ids.size(); ++i) {
    if (among.row_of(ids[i]) != static_cast<std::int32_t>(i)) continue;
    if (present[i] >= 0) {
      if (duplicates == Duplicates::kFirst) continue;
      if (duplicates == Duplicates::kError) {
        throw Error(ErrorCode::kDuplicateId,
                    "ids must be new; id " + std::to_string(ids[i]) + " of row " +
                        std::to_string(i) + " is on row " + std::to_string(present[i]) +
                        " of the table; the option duplicates, 'first' or 'last', says which of "
                        "them it means");
      }
      ++arrivals.moved;
      if (static_cast<std::size_t>(present[i]) < first_rows_) arrivals.first_moved = true;
    }
    arrivals.leading.push_back(i);
    arrivals.leading_from.push_back(present[i]);
  }
  return arrivals;
}

// Whoever finds one of them before the rows are there takes it for what it was.
void Table::write_ids(std::span<const std::int64_t> ids, const Arrivals& arrivals) noexcept {
  const std::size_t first = rows();
  for (std::size_t i = 0; i < ids.size(); ++i) {
    std::memcpy(id_of_later_.writable(first - first_rows_ + i), &ids[i], sizeof ids[i]);
  }
  for (std::size_t l = 0; l < arrivals.leading.size(); ++l) {
    const std::int64_t id = ids[arrivals.leading[l]];
    const auto row = static_cast<std::int32_t>(first + arrivals.leading[l]);
    const std::int32_t from = arrivals.leading_from[l];
    if (from >= 0) moved_from_.set(row, from);
    if (ids_.row_of(id) >= 0) {
      ids_.move(id, row);
    } else {
      later_ids_.set(id, row);
    }
  }
  shadowed_later_ += ids.size() - arrivals.leading.size() + arrivals.moved;
}

}  // namespace kleio
