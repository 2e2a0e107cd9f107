#include "cuda/residency/resident_table.h"

#include <algorithm>
#include <utility>

namespace kleio::cuda {
namespace {

// The arrays of `rows` encoded rows, one after the other.
struct RowLayout : MemoryLayout {
  RowLayout(const TableEncoding& encoding, std::size_t rows)
      : codes(add<std::byte>(rows * encoding.code_row_bytes)),
        values(encoding.codes_are_values ? codes : add<std::byte>(rows * encoding.value_row_bytes)),
        cosine_factors(add<float>(rows)),
        dot_factors(add<float>(rows)),
        norms(add<float>(rows)),
        norms_sq(add<double>(rows)) {}

  std::size_t codes, values, cosine_factors, dot_factors, norms, norms_sq;
};

std::size_t bytes_of(const TableEncoding& encoding, std::size_t rows) noexcept {
  return RowLayout(encoding, rows).bytes();
}

EncodedRows arrays_in(std::byte* memory, const TableEncoding& encoding, std::size_t rows) noexcept {
  const RowLayout layout(encoding, rows);
  EncodedRows arrays;
  arrays.codes = at<std::byte>(memory, layout.codes);
  arrays.values = encoding.codes_are_values ? nullptr : at<std::byte>(memory, layout.values);
  arrays.cosine_factors = at<float>(memory, layout.cosine_factors);
  arrays.dot_factors = at<float>(memory, layout.dot_factors);
  arrays.norms = at<float>(memory, layout.norms);
  arrays.norms_sq = at<double>(memory, layout.norms_sq);
  return arrays;
}

// Calls visit(to, from, elements of a row) for each array that there is.
template <typename Visit>
void each_array(const TableEncoding& encoding, const EncodedRows& to, const EncodedRows& from,
                const Visit& visit) {
  visit(to.codes, from.codes, encoding.code_row_bytes);
  if (to.values != nullptr) visit(to.values, from.values, encoding.value_row_bytes);
  visit(to.cosine_factors, from.cosine_factors, 1u);
  visit(to.dot_factors, from.dot_factors, 1u);
  visit(to.norms, from.norms, 1u);
  visit(to.norms_sq, from.norms_sq, 1u);
}

}  // namespace

EncodedRows ResidentRows::arrays() const noexcept {
  return arrays_in(memory_->data(), encoding_, capacity_);
}

TableParams ResidentRows::params(Unit unit) const noexcept {
  const EncodedRows rows = arrays();
  TableParams params;
  params.codes = rows.codes;
  params.values = encoding_.codes_are_values ? rows.codes : rows.values;
  const bool normalised = traits_of(unit).normalised;
  params.factors = normalised ? rows.cosine_factors : rows.dot_factors;
  // An inner product's bound grows with the row; exact dots need none.
  const bool weighted = !normalised && !has_exact_codes(encoding_.dtype);
  params.weights = weighted ? rows.norms : nullptr;
  params.norms_sq = rows.norms_sq;
  params.code_row_bytes = encoding_.code_row_bytes;
  params.value_row_bytes = encoding_.value_row_bytes;
  params.dim = encoding_.dim;
  params.code_type = encoding_.code_type;
  params.dtype = encoding_.dtype;
  return params;
}

ResidentTable::ResidentTable(std::shared_ptr<DeviceContext> context,
                             std::shared_ptr<const Table> table)
    : context_(std::move(context)), table_(std::move(table)) {
  const auto stream = context_->streams.lend();
  auto sent = std::make_shared<const ResidentRows>(with_all(table_->rows(), *stream));
  stream->synchronise();
  count_memory(sent->memory()->size());
  present_ = std::move(sent);
}

ResidentTable::~ResidentTable() {
  count_memory(0);
}

std::shared_ptr<const ResidentRows> ResidentTable::rows() const {
  const std::lock_guard lock(mutex_);
  const std::size_t count = table_->rows();
  if (present_->count() == count) return present_;
  const auto stream = context_->streams.lend();
  const bool fits = !present_->encoding().codes_are_values || are_plain(present_->count(), count);
  auto sent = std::make_shared<const ResidentRows>(fits ? with_later(*present_, count, *stream)
                                                        : with_all(count, *stream));
  stream->synchronise();
  count_memory(sent->memory()->size());
  present_ = sent;
  return sent;
}

ResidentRows ResidentTable::with_all(std::size_t count, RequestStream& stream) const {
  ResidentRows rows;
  rows.encoding_ = encoding_of(table_->dtype(), table_->dim(), are_plain(0, count));
  rows.capacity_ = count;
  rows.memory_ = stream.allocate(bytes_of(rows.encoding_, count));
  rows.count_ = count;
  send(rows, 0, stream);
  return rows;
}

// Requests that run read no row behind their own, so room that is left is written to meanwhile.
ResidentRows ResidentTable::with_later(const ResidentRows& present, std::size_t count,
                                       RequestStream& stream) const {
  ResidentRows rows = present;
  rows.count_ = count;
  if (count > present.capacity_) {
    rows.capacity_ = std::max(count, present.capacity_ + present.capacity_ / 2);
    rows.memory_ = stream.allocate(bytes_of(rows.encoding_, rows.capacity_));
    each_array(rows.encoding_, rows.arrays(), present.arrays(),
               [&](auto* to, const auto* from, std::size_t row_elements) {
                 const std::size_t bytes = present.count_ * row_elements * sizeof *to;
                 if (bytes > 0) stream.device().copy(to, from, bytes, stream.handle());
               });
    stream.keep(present.memory_);
  }
  send(rows, present.count_, stream);
  return rows;
}

bool ResidentTable::are_plain(std::size_t first, std::size_t end) const noexcept {
  while (first < end) {
    const MatrixView together = table_->view().side_by_side(first, end);
    if (!cuda::are_plain(together)) return false;
    first += together.rows;
  }
  return true;
}

// As many rows at a time as a piece of the ring holds: encoding runs while the piece before is
// sent.
void ResidentTable::send(ResidentRows& rows, std::size_t first, RequestStream& stream) const {
  const TableEncoding& encoding = rows.encoding_;
  const EncodedRows to = rows.arrays();
  std::size_t step = UploadRing::kPieceBytes / bytes_of(encoding, 1) + 1;
  while (bytes_of(encoding, step) > UploadRing::kPieceBytes) step -= step / 8 + 1;
  while (first < rows.count_) {
    const MatrixView together =
        table_->view().side_by_side(first, std::min(first + step, rows.count_));
    const std::size_t count = together.rows;
    const EncodedRows from = arrays_in(stream.ring().next().data(), encoding, count);
    encode_rows(together, 0, count, encoding, from, rows.bounds_);
    each_array(encoding, to, from, [&](auto* array, const auto* encoded, std::size_t row_elements) {
      const std::size_t bytes = count * row_elements * sizeof *array;
      stream.device().upload(array + first * row_elements, encoded, bytes, stream.handle());
      context_->counters.uploaded_bytes += bytes;
    });
    stream.ring().sent();
    first += count;
  }
}

void ResidentTable::count_memory(std::size_t bytes) const noexcept {
  context_->counters.table_bytes += bytes - bytes_.exchange(bytes);
}

}  // namespace kleio::cuda
