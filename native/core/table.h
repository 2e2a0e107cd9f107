// An immutable matrix of embeddings with optional 64-bit ids.
#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <mutex>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "core/id_index.h"
#include "core/large_buffer.h"
#include "core/matrix_view.h"
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

// Shared by every history over it and by every search in flight, from any thread.
class Table : public InBlocks {
 public:
  // Copies `values`. `ids` is one per row. Throws kRange, kShape, kNotFinite (with row and column),
  // kDuplicateId (with both rows).
  static std::shared_ptr<const Table> copy_of(
      const MatrixView& values, const std::optional<std::span<const std::int64_t>>& ids,
      Duplicates duplicates = Duplicates::kError);

  // Reads rows x dim elements at `region`; `ids_region` is a little-endian int64 tensor of as many
  // elements. Throws kRange, kFile, kFormat, kNotFinite, kDuplicateId.
  static std::shared_ptr<const Table> read(const FileRegion& region, std::size_t rows,
                                           std::size_t dim, Dtype dtype,
                                           const std::optional<FileRegion>& ids_region,
                                           Duplicates duplicates);

  // Over values that it owns from now on, [ids.size(), dim].
  // Throws as `copy_of`.
  static std::shared_ptr<const Table> owning(LargeBuffer values, std::size_t dim, Dtype dtype,
                                             std::span<const std::int64_t> ids, TensorNames names);

  // Over values that `owner` keeps alive and nobody changes. Throws as `copy_of`.
  static std::shared_ptr<const Table> over(const MatrixView& values,
                                           std::span<const std::int64_t> ids,
                                           std::shared_ptr<const void> owner, TensorNames names,
                                           Duplicates duplicates);

  const MatrixView& view() const noexcept { return view_; }
  bool has_ids() const noexcept { return has_ids_; }
  // Rows that no id leads to, because their id means another one; 0 unless that was allowed.
  std::size_t shadowed_rows() const noexcept { return ids_.shadowed(); }
  // Bytes that this table keeps in memory of its own.
  std::size_t resident_bytes() const noexcept;
  // -1 where the id is unknown, or where the table has no ids.
  std::int32_t row_of(std::int64_t id) const noexcept { return ids_.row_of(id); }
  // The same for as many ids as `rows` has places, several times as fast (core/id_index.h).
  void rows_of(std::span<const std::int64_t> ids, std::span<std::int32_t> rows) const noexcept {
    ids_.rows_of(ids, rows);
  }
  // The number of the row itself where the table has no ids. The first call takes 8 bytes a row.
  std::int64_t id_of(std::size_t row) const;
  // Of this table's contents; any thread may ask it.
  TableFingerprint& fingerprint() const noexcept { return fingerprint_; }

 private:
  Table() = default;
  void adopt_ids(std::span<const std::int64_t> ids, IdIndex index);

  MatrixView view_;
  LargeBuffer owned_;
  std::shared_ptr<const void> owner_;
  IdIndex ids_;
  bool has_ids_ = false;
  mutable std::once_flag ids_listed_;
  mutable BlockVector<std::int64_t> id_of_row_;
  mutable std::atomic<std::size_t> listed_bytes_{0};
  mutable TableFingerprint fingerprint_;
};

// Throws kNotFinite naming the first row and column that is NaN or infinite.
void require_finite(const MatrixView& values, std::string_view what);

}  // namespace kleio
