#include "core/weight_storage.h"

#include <algorithm>
#include <string>
#include <utility>

#include "core/error.h"
#include "core/table.h"

namespace kleio {
namespace {

std::size_t bytes_in(const WeightTensor& tensor, std::size_t element_bytes) {
  std::size_t total = element_bytes;
  bool overflow = false;
  for (const std::size_t extent : tensor.shape) {
    overflow |= __builtin_mul_overflow(total, extent, &total);
  }
  if (overflow) {
    throw Error(ErrorCode::kShape,
                tensor.name + " has an impossible shape " + shape_text(tensor.shape));
  }
  return total;
}

}  // namespace

std::string shape_text(const std::vector<std::size_t>& shape) {
  std::string text = "[";
  for (const std::size_t extent : shape) {
    if (text.size() > 1) text += ", ";
    text += std::to_string(extent);
  }
  return text + "]";
}

void require_shape(const WeightTensor& tensor, const std::vector<std::size_t>& shape) {
  if (tensor.shape == shape) return;
  throw Error(ErrorCode::kShape, tensor.name + " must have the shape " + shape_text(shape) +
                                     "; got " + shape_text(tensor.shape));
}

std::span<const float> WeightStorage::floats(WeightTensor& tensor,
                                             const std::vector<std::size_t>& shape) {
  require_shape(tensor, shape);
  const auto placed = place(tensor, bytes_in(tensor, sizeof(float)));
  const std::size_t count = placed.size() / sizeof(float);
  // Vectors and scalars are one row to the error text; what lies around a matrix does not count.
  const std::size_t columns = shape.size() == 2 ? shape[1] : count;
  if (count > 0) {
    require_finite({placed.data(), count / columns, columns, Dtype::kFloat32}, tensor.name.c_str());
  }
  return {reinterpret_cast<const float*>(placed.data()), count};
}

std::span<const std::int64_t> WeightStorage::ids(WeightTensor& tensor,
                                                 const std::vector<std::size_t>& shape) {
  require_shape(tensor, shape);
  const auto placed = place(tensor, bytes_in(tensor, sizeof(std::int64_t)));
  return {reinterpret_cast<const std::int64_t*>(placed.data()),
          placed.size() / sizeof(std::int64_t)};
}

std::span<const std::byte> WeightStorage::bytes(WeightTensor& tensor,
                                                const std::vector<std::size_t>& shape,
                                                std::size_t element_bytes) {
  require_shape(tensor, shape);
  return place(tensor, bytes_in(tensor, element_bytes));
}

std::size_t WeightStorage::byte_size() const noexcept {
  std::size_t bytes = 0;
  for (const LargeBuffer& copy : placed_) bytes += copy.byte_size();
  return bytes;
}

std::span<const std::byte> WeightStorage::place(WeightTensor& tensor, std::size_t byte_size) {
  if (!tensor.file) {
    if (tensor.values.size() != byte_size) {
      throw Error(ErrorCode::kShape, tensor.name + " must have " + std::to_string(byte_size) +
                                         " bytes; got " + std::to_string(tensor.values.size()));
    }
    placed_.push_back(std::move(tensor.values));
    return {placed_.back().data(), byte_size};
  }
  // Before memory is taken for what the header claims.
  tensor.file->require_range(tensor.offset_bytes, byte_size);
  LargeBuffer& values = placed_.emplace_back(byte_size);
  reading_of(tensor.file).read(tensor.offset_bytes, {values.data(), byte_size});
  return {values.data(), byte_size};
}

FileReading& WeightStorage::reading_of(const std::shared_ptr<const SourceFile>& file) {
  const auto known = std::ranges::find(readings_, file, &OpenReading::file);
  if (known != readings_.end()) return known->reading;
  readings_.push_back({file, FileReading(*file)});
  return readings_.back().reading;
}

void WeightStorage::finish() {
  const std::vector<OpenReading> readings = std::exchange(readings_, {});
  for (const OpenReading& one : readings) one.reading.finish();
}

}  // namespace kleio
