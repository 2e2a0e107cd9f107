// Embeddings with optional 64-bit ids: rows that never change, and more of them at the end.
//
// Any thread reads without waiting, while one at a time appends. Whoever was told of a row, or that
// the table has so many, may read it for as long as the table lives.
#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <mutex>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "core/id_index.h"
#include "core/large_buffer.h"
#include "core/later_ids.h"
#include "core/later_rows.h"
#include "core/matrix_view.h"
#include "core/rows_view.h"
#include "core/source_file.h"
#include "core/table_fingerprint.h"

namespace kleio {

// Where a tensor lies in a file, as its header claims; checked against the file's real size.
struct FileRegion {
  std::shared_ptr<const SourceFile> file;
  std::uint64_t offset_bytes = 0;
  std::string name;  // file and tensor, for error texts
};

// What error texts call the values and the ids of a table.
struct TensorNames {
  std::string_view values;
  std::string_view ids;
};

// Where the ids of a file's rows come from.
using IdSource = std::variant<std::monostate, FileRegion, std::vector<std::int64_t>>;

// Shared by every history over it and by every search in flight, from any thread.
class Table : public InBlocks {
 public:
  using Ids = std::optional<std::span<const std::int64_t>>;

  // Copies `values`. `ids` is one per row. Throws kRange, kShape, kNotFinite (with row and column),
  // kDuplicateId (with both rows).
  static std::shared_ptr<Table> copy_of(const MatrixView& values, const Ids& ids,
                                        Duplicates duplicates = Duplicates::kError);

  // Reads rows x dim elements at `region`; ids of a file are a little-endian int64 tensor of as
  // many elements. Throws kRange, kFile, kFormat, kNotFinite, kShape, kDuplicateId.
  static std::shared_ptr<Table> read(const FileRegion& region, std::size_t rows, std::size_t dim,
                                     Dtype dtype, const IdSource& ids, Duplicates duplicates);

  // Over values that it owns from now on, [ids.size(), dim].
  // Throws as `copy_of`.
  static std::shared_ptr<Table> owning(LargeBuffer values, std::size_t dim, Dtype dtype,
                                       std::span<const std::int64_t> ids, TensorNames names);

  // Over values that `owner` keeps alive and nobody changes. Throws as `copy_of`.
  static std::shared_ptr<Table> over(const MatrixView& values, std::span<const std::int64_t> ids,
                                     std::shared_ptr<const void> owner, TensorNames names,
                                     Duplicates duplicates);

  // Copies `values` to new rows at the end and returns the first one's number. Ids as the table has
  // them, one per row: an id that the table has, or that comes twice, is refused, or leads to its
  // first or its last row. Other threads see all rows with their ids, or none. Throws kArgument
  // (ids that the table does not have, or lacks), kShape, kRange (too many rows), kNotFinite,
  // kDuplicateId; then nothing has changed.
  std::size_t append(const MatrixView& values, const Ids& ids, Duplicates duplicates);

  // Rows that there are: whoever reads the count may read them and look up their ids.
  std::size_t rows() const noexcept { return rows_.load(std::memory_order_acquire); }
  std::size_t dim() const noexcept { return view_.dim; }
  Dtype dtype() const noexcept { return view_.dtype; }
  std::size_t row_bytes() const noexcept { return view_.row_bytes; }
  const std::byte* row(std::size_t row) const noexcept { return view_.row(row); }
  const RowsView& view() const noexcept { return view_; }

  bool has_ids() const noexcept { return has_ids_; }
  // Rows that no id leads to, because their id means another one; 0 unless that was allowed.
  std::size_t shadowed_rows() const noexcept { return ids_.shadowed() + shadowed_later_; }
  // Bytes that this table keeps in memory of its own.
  std::size_t resident_bytes() const noexcept;
  // -1 where the id is unknown, or where the table has no ids. As of when it had `of_rows` rows, if
  // it has more.
  std::int32_t row_of(std::int64_t id, std::size_t of_rows) const noexcept;
  std::int32_t row_of(std::int64_t id) const noexcept { return row_of(id, rows()); }
  // The same for as many ids as `found` has places, several times as fast (core/id_index.h).
  void rows_of(std::span<const std::int64_t> ids, std::span<std::int32_t> found,
               std::size_t of_rows) const noexcept;
  void rows_of(std::span<const std::int64_t> ids, std::span<std::int32_t> found) const noexcept {
    rows_of(ids, found, rows());
  }
  // Copies the embeddings of `rows` to `out`, one after the other; zeros for row -1.
  void gather(std::span<const std::int32_t> rows, std::span<std::byte> out) const noexcept;
  // The number of the row itself where the table has no ids. The first call takes 8 bytes for each
  // row that the table was made with.
  std::int64_t id_of(std::size_t row) const;
  // Of this table's contents; any thread may ask it.
  TableFingerprint& fingerprint() const noexcept { return fingerprint_; }

 private:
  // `first` has an address by now.
  explicit Table(const MatrixView& first);
  void adopt_ids(std::span<const std::int64_t> ids, IdIndex index);
  void list_ids() const;
  // The row that the id of `row` led to when the table had `of_rows` rows; -1: none did.
  std::int32_t as_of(std::int32_t row, std::size_t of_rows) const noexcept;
  // What an append makes ready before anything changes, and then does.
  struct Arrivals;
  void make_room(std::size_t rows);
  void write_values(const MatrixView& values);
  Arrivals arrivals_of(std::span<const std::int64_t> ids, Duplicates duplicates) const;
  void write_ids(std::span<const std::int64_t> ids, const Arrivals& arrivals) noexcept;

  std::size_t first_rows_;
  LaterRows later_rows_;
  RowsView view_;
  std::atomic<std::size_t> rows_;
  LargeBuffer owned_;
  std::shared_ptr<const void> owner_;
  IdIndex ids_;
  bool has_ids_ = false;
  mutable std::once_flag ids_listed_;
  mutable BlockVector<std::int64_t> id_of_row_;  // of the first rows
  mutable std::atomic<std::size_t> listed_bytes_{0};
  mutable TableFingerprint fingerprint_;

  std::mutex appending_;
  LaterIds later_ids_;
  LaterRows id_of_later_;
  LaterIds moved_from_;  // from a row to the one that its id led to before
  std::atomic<std::size_t> shadowed_later_{0};
};

// Throws kRange unless each is a row of a table of `table_rows`, or -1; `what` names them.
void require_rows(std::span<const std::int32_t> rows, std::size_t table_rows,
                  std::string_view what);

// Throws kNotFinite naming the first row and column that is NaN or infinite; the first one is
// `first_row` to the caller.
void require_finite(const MatrixView& values, std::string_view what, std::size_t first_row = 0);

}  // namespace kleio
