#include "core/table.h"

#include <algorithm>
#include <cstring>
#include <utility>

#include "core/error.h"

namespace kleio {
namespace {

void require_shape(std::size_t rows, std::size_t dim) {
  if (dim < 1 || dim > kMaxDim) {
    throw Error(ErrorCode::kRange, "dim must be from 1 to " + std::to_string(kMaxDim) + "; got " +
                                       std::to_string(dim));
  }
  if (rows > kMaxRows) {
    throw Error(ErrorCode::kRange, "rows must be at most " + std::to_string(kMaxRows) + "; got " +
                                       std::to_string(rows));
  }
}

// Branch-free over a row, so that the compiler vectorises it.
template <typename Bits>
bool all_finite(const std::byte* row, std::size_t dim, Bits all_special) noexcept {
  Bits special = 0;
  for (std::size_t d = 0; d < dim; ++d) {
    Bits bits;
    std::memcpy(&bits, row + d * sizeof bits, sizeof bits);
    special = static_cast<Bits>(special | ((bits & all_special) == all_special));
  }
  return special == 0;
}

bool row_is_finite(const MatrixView& values, std::size_t row) noexcept {
  return with_element(values.dtype, [&]<typename Element>() {
    if constexpr (Element::kExactCodes) {
      return true;
    } else {
      return all_finite(values.row(row), values.dim, Element::kSpecial);
    }
  });
}

[[noreturn]] void refuse_row(const MatrixView& values, std::size_t row, std::string_view what,
                             std::size_t first_row) {
  std::size_t column = 0;
  float value = 0;
  for (; column < values.dim; ++column) {
    value = load_element(values.row(row), values.dtype, column);
    if (!(value - value == 0)) break;
  }
  const char* name = value != value ? "NaN" : value > 0 ? "Infinity" : "-Infinity";
  throw Error(ErrorCode::kNotFinite, std::string(what) + " must be finite; row " +
                                         std::to_string(first_row + row) + ", column " +
                                         std::to_string(column) + " is " + name);
}

}  // namespace

void require_rows(std::span<const std::int32_t> rows, std::size_t table_rows,
                  std::string_view what) {
  for (std::size_t i = 0; i < rows.size(); ++i) {
    if (rows[i] >= -1 && rows[i] < static_cast<std::int64_t>(table_rows)) continue;
    throw Error(ErrorCode::kRange, std::string(what) + " must be rows of the table (0 to " +
                                       std::to_string(table_rows) + ", exclusive) or -1; index " +
                                       std::to_string(i) + " is " + std::to_string(rows[i]));
  }
}

void require_finite(const MatrixView& values, std::string_view what, std::size_t first_row) {
  if (has_exact_codes(values.dtype)) return;
  for (std::size_t row = 0; row < values.rows; ++row) {
    if (!row_is_finite(values, row)) refuse_row(values, row, what, first_row);
  }
}

Table::Table(const MatrixView& first)
    : first_rows_(first.rows),
      later_rows_(first.row_stride_bytes()),
      view_(first, &later_rows_),
      rows_(first.rows),
      id_of_later_(sizeof(std::int64_t)) {}

std::shared_ptr<Table> Table::copy_of(const MatrixView& values, const Ids& ids,
                                      Duplicates duplicates) {
  require_shape(values.rows, values.dim);
  LargeBuffer copy(values.byte_size());
  // An empty table has no address to copy from.
  if (values.rows > 0) std::memcpy(copy.data(), values.values, values.byte_size());
  const MatrixView first{copy.data(), values.rows, values.dim, values.dtype};
  const std::shared_ptr<Table> table(new Table(first));
  table->owned_ = std::move(copy);
  // The copy is checked, not the original: a SharedArrayBuffer may change in between.
  require_finite(first, "values");
  if (ids) table->adopt_ids(*ids, IdIndex::of_caller(*ids, duplicates, "ids"));
  return table;
}

std::shared_ptr<Table> Table::read(const FileRegion& region, std::size_t rows, std::size_t dim,
                                   Dtype dtype, const IdSource& source, Duplicates duplicates) {
  require_shape(rows, dim);
  MatrixView first{nullptr, rows, dim, dtype};
  // Before memory is taken for what the header claims.
  region.file->require_range(region.offset_bytes, first.byte_size());
  LargeBuffer memory(first.byte_size());
  first.values = memory.data();
  const std::shared_ptr<Table> table(new Table(first));
  table->owned_ = std::move(memory);
  FileReading values(*region.file);
  values.read(region.offset_bytes, {table->owned_.data(), table->owned_.size()});
  std::vector<std::int64_t> read_ids;
  const auto* const ids_region = std::get_if<FileRegion>(&source);
  if (ids_region != nullptr) {
    read_ids.resize(rows);
    FileReading reading(*ids_region->file);
    reading.read(ids_region->offset_bytes, std::as_writable_bytes(std::span(read_ids)));
    reading.finish();
  }
  values.finish();
  require_finite(first, region.name);
  if (ids_region != nullptr) {
    table->adopt_ids(read_ids, IdIndex::of_caller(read_ids, duplicates, ids_region->name));
  } else if (const auto* const ids = std::get_if<std::vector<std::int64_t>>(&source)) {
    table->adopt_ids(*ids, IdIndex::of_caller(*ids, duplicates, "ids"));
  }
  return table;
}

std::shared_ptr<Table> Table::owning(LargeBuffer values, std::size_t dim, Dtype dtype,
                                     std::span<const std::int64_t> ids, TensorNames names) {
  require_shape(ids.size(), dim);
  const MatrixView first{values.data(), ids.size(), dim, dtype};
  const std::shared_ptr<Table> table(new Table(first));
  table->owned_ = std::move(values);
  require_finite(first, names.values);
  table->adopt_ids(ids, IdIndex(ids, Duplicates::kError, names.ids));
  return table;
}

std::shared_ptr<Table> Table::over(const MatrixView& values, std::span<const std::int64_t> ids,
                                   std::shared_ptr<const void> owner, TensorNames names,
                                   Duplicates duplicates) {
  require_shape(values.rows, values.dim);
  const std::shared_ptr<Table> table(new Table(values));
  table->owner_ = std::move(owner);
  require_finite(values, names.values);
  table->adopt_ids(ids, IdIndex::of_caller(ids, duplicates, names.ids));
  return table;
}

std::int32_t Table::row_of(std::int64_t id, std::size_t of_rows) const noexcept {
  const std::int32_t first = ids_.row_of(id);
  return as_of(first >= 0 ? first : later_ids_.row_of(id), of_rows);
}

void Table::rows_of(std::span<const std::int64_t> ids, std::span<std::int32_t> found,
                    std::size_t of_rows) const noexcept {
  ids_.rows_of(ids, found);
  // What an id leads to is known to have grown before an entry says so.
  if (later_ids_.empty() && moved_from_.empty()) return;
  later_ids_.fill_missing(ids, found);
  for (std::int32_t& row : found) row = as_of(row, of_rows);
}

std::int32_t Table::as_of(std::int32_t row, std::size_t of_rows) const noexcept {
  of_rows = std::min(of_rows, rows());
  while (row >= 0 && static_cast<std::size_t>(row) >= of_rows) row = moved_from_.row_of(row);
  return row;
}

void Table::gather(std::span<const std::int32_t> rows, std::span<std::byte> out) const noexcept {
  std::byte* to = out.data();
  for (const std::int32_t row : rows) {
    if (row < 0) {
      std::memset(to, 0, row_bytes());
    } else {
      std::memcpy(to, this->row(static_cast<std::size_t>(row)), row_bytes());
    }
    to += row_bytes();
  }
}

std::int64_t Table::id_of(std::size_t row) const {
  if (!has_ids_) return static_cast<std::int64_t>(row);
  if (row >= first_rows_) {
    std::int64_t id = 0;
    std::memcpy(&id, id_of_later_.row(row - first_rows_), sizeof id);
    return id;
  }
  list_ids();
  return id_of_row_[row];
}

void Table::list_ids() const {
  std::call_once(ids_listed_, [this] {
    id_of_row_ = ids_.by_row(first_rows_);
    listed_bytes_ = block_bytes(id_of_row_.capacity() * sizeof(std::int64_t));
  });
}

std::size_t Table::resident_bytes() const noexcept {
  const std::size_t later = rows() - first_rows_;
  return block_bytes(sizeof(Table)) + owned_.byte_size() + ids_.byte_size() + listed_bytes_ +
         later_rows_.byte_size(later) + id_of_later_.byte_size(has_ids_ ? later : 0) +
         later_ids_.byte_size() + moved_from_.byte_size();
}

void Table::adopt_ids(std::span<const std::int64_t> ids, IdIndex index) {
  if (ids.size() != first_rows_) {
    throw Error(ErrorCode::kShape, "ids must be one per row (" + std::to_string(first_rows_) +
                                       "); got " + std::to_string(ids.size()));
  }
  ids_ = std::move(index);
  has_ids_ = true;
  if (ids_.shadowed() == 0) return;
  // The index cannot list the ids of rows that none leads to.
  std::call_once(ids_listed_, [&] {
    id_of_row_.assign(ids.begin(), ids.end());
    listed_bytes_ = block_bytes(id_of_row_.capacity() * sizeof(std::int64_t));
  });
}

}  // namespace kleio
