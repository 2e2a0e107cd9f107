#include "core/table.h"

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

[[noreturn]] void refuse_row(const MatrixView& values, std::size_t row, std::string_view what) {
  std::size_t column = 0;
  float value = 0;
  for (; column < values.dim; ++column) {
    value = load_element(values.row(row), values.dtype, column);
    if (!(value - value == 0)) break;
  }
  const char* name = value != value ? "NaN" : value > 0 ? "Infinity" : "-Infinity";
  throw Error(ErrorCode::kNotFinite, std::string(what) + " must be finite; row " +
                                         std::to_string(row) + ", column " +
                                         std::to_string(column) + " is " + name);
}

}  // namespace

void require_finite(const MatrixView& values, std::string_view what) {
  if (has_exact_codes(values.dtype)) return;
  for (std::size_t row = 0; row < values.rows; ++row) {
    if (!row_is_finite(values, row)) refuse_row(values, row, what);
  }
}

std::shared_ptr<const Table> Table::copy_of(const MatrixView& values,
                                            const std::optional<std::span<const std::int64_t>>& ids,
                                            Duplicates duplicates) {
  require_shape(values.rows, values.dim);
  const std::shared_ptr<Table> table(new Table);
  table->owned_ = LargeBuffer(values.byte_size());
  // An empty table has no address to copy from.
  if (values.rows > 0) std::memcpy(table->owned_.data(), values.values, values.byte_size());
  table->view_ = values;
  table->view_.values = table->owned_.data();
  // The copy is checked, not the original: a SharedArrayBuffer may change in between.
  require_finite(table->view_, "values");
  if (ids) table->adopt_ids(*ids, IdIndex::of_caller(*ids, duplicates, "ids"));
  return table;
}

std::shared_ptr<const Table> Table::read(const FileRegion& region, std::size_t rows,
                                         std::size_t dim, Dtype dtype,
                                         const std::optional<FileRegion>& ids_region,
                                         Duplicates duplicates) {
  require_shape(rows, dim);
  const MatrixView shape{nullptr, rows, dim, dtype};
  // Before memory is taken for what the header claims.
  region.file->require_range(region.offset_bytes, shape.byte_size());
  const std::shared_ptr<Table> table(new Table);
  table->owned_ = LargeBuffer(shape.byte_size());
  table->view_ = shape;
  table->view_.values = table->owned_.data();
  FileReading values(*region.file);
  values.read(region.offset_bytes, {table->owned_.data(), table->owned_.size()});
  std::vector<std::int64_t> ids(ids_region ? rows : 0);
  if (ids_region) {
    FileReading reading(*ids_region->file);
    reading.read(ids_region->offset_bytes, std::as_writable_bytes(std::span(ids)));
    reading.finish();
  }
  values.finish();
  require_finite(table->view_, region.name);
  if (ids_region) table->adopt_ids(ids, IdIndex::of_caller(ids, duplicates, ids_region->name));
  return table;
}

std::shared_ptr<const Table> Table::owning(LargeBuffer values, std::size_t dim, Dtype dtype,
                                           std::span<const std::int64_t> ids, TensorNames names) {
  require_shape(ids.size(), dim);
  const std::shared_ptr<Table> table(new Table);
  table->owned_ = std::move(values);
  table->view_ = {table->owned_.data(), ids.size(), dim, dtype};
  require_finite(table->view_, names.values);
  table->adopt_ids(ids, IdIndex(ids, Duplicates::kError, names.ids));
  return table;
}

std::shared_ptr<const Table> Table::over(const MatrixView& values,
                                         std::span<const std::int64_t> ids,
                                         std::shared_ptr<const void> owner, TensorNames names,
                                         Duplicates duplicates) {
  require_shape(values.rows, values.dim);
  const std::shared_ptr<Table> table(new Table);
  table->view_ = values;
  table->owner_ = std::move(owner);
  require_finite(values, names.values);
  table->adopt_ids(ids, IdIndex::of_caller(ids, duplicates, names.ids));
  return table;
}

std::int64_t Table::id_of(std::size_t row) const {
  if (!has_ids_) return static_cast<std::int64_t>(row);
  std::call_once(ids_listed_, [this] {
    id_of_row_ = ids_.by_row(view_.rows);
    listed_bytes_ = block_bytes(id_of_row_.capacity() * sizeof(std::int64_t));
  });
  return id_of_row_[row];
}

std::size_t Table::resident_bytes() const noexcept {
  return block_bytes(sizeof(Table)) + owned_.byte_size() + ids_.byte_size() + listed_bytes_;
}

void Table::adopt_ids(std::span<const std::int64_t> ids, IdIndex index) {
  if (ids.size() != view_.rows) {
    throw Error(ErrorCode::kShape, "ids must be one per row (" + std::to_string(view_.rows) +
                                       "); got " + std::to_string(ids.size()));
  }
  ids_ = std::move(index);
  has_ids_ = true;
  if (shadowed_rows() == 0) return;
  // The index cannot list the ids of rows that none leads to.
  std::call_once(ids_listed_, [&] {
    id_of_row_.assign(ids.begin(), ids.end());
    listed_bytes_ = block_bytes(id_of_row_.capacity() * sizeof(std::int64_t));
  });
}

}  // namespace kleio
