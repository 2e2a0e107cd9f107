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

}  // namespace

ResidentTable::ResidentTable(std::shared_ptr<DeviceContext> context,
                             std::shared_ptr<const Table> table)
    : context_(std::move(context)),
      table_(std::move(table)),
      encoding_(choose_encoding(table_->view())) {
  const auto stream = context_->streams.lend();
  memory_ = stream->allocate(bytes_of(table_->view().rows));
  send_rows(*stream);
  stream->synchronise();
  context_->counters.table_bytes += memory_->size();
  context_->counters.uploaded_bytes += memory_->size();
}

ResidentTable::~ResidentTable() {
  context_->counters.table_bytes -= memory_->size();
}

TableParams ResidentTable::params(Unit unit) const noexcept {
  const EncodedRows rows = arrays(memory_->data(), table_->view().rows);
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

std::size_t ResidentTable::bytes_of(std::size_t rows) const noexcept {
  return RowLayout(encoding_, rows).bytes();
}

EncodedRows ResidentTable::arrays(std::byte* memory, std::size_t rows) const noexcept {
  const RowLayout layout(encoding_, rows);
  EncodedRows arrays;
  arrays.codes = at<std::byte>(memory, layout.codes);
  arrays.values = encoding_.codes_are_values ? nullptr : at<std::byte>(memory, layout.values);
  arrays.cosine_factors = at<float>(memory, layout.cosine_factors);
  arrays.dot_factors = at<float>(memory, layout.dot_factors);
  arrays.norms = at<float>(memory, layout.norms);
  arrays.norms_sq = at<double>(memory, layout.norms_sq);
  return arrays;
}

// As many rows at a time as a piece of the ring holds: encoding runs while the piece before is
// sent.
void ResidentTable::send_rows(RequestStream& stream) {
  const std::size_t rows = table_->view().rows;
  const EncodedRows to = arrays(memory_->data(), rows);
  std::size_t step = UploadRing::kPieceBytes / bytes_of(1) + 1;
  while (bytes_of(step) > UploadRing::kPieceBytes) step -= step / 8 + 1;
  for (std::size_t first = 0; first < rows; first += step) {
    const std::size_t count = std::min(step, rows - first);
    const EncodedRows from = arrays(stream.ring().next().data(), count);
    encode_rows(table_->view(), first, count, encoding_, from, bounds_);
    const auto send = [&](auto* array, const auto* encoded, std::size_t row_elements) {
      if (array == nullptr) return;
      stream.device().upload(array + first * row_elements, encoded,
                             count * row_elements * sizeof *array, stream.handle());
    };
    send(to.codes, from.codes, encoding_.code_row_bytes);
    send(to.values, from.values, encoding_.value_row_bytes);
    send(to.cosine_factors, from.cosine_factors, 1);
    send(to.dot_factors, from.dot_factors, 1);
    send(to.norms, from.norms, 1);
    send(to.norms_sq, from.norms_sq, 1);
    stream.ring().sent();
  }
}

}  // namespace kleio::cuda
