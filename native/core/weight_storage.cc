#include "core/weight_storage.h"

#include <cstring>
#include <limits>
#include <string>

#include "core/error.h"
#include "core/table.h"

namespace kleio {
namespace {

// Smaller tensors are copied: they are read in every request, and a page of their own is wasted.
constexpr std::size_t kInPlaceFromBytes = std::size_t{64} << 10;

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

WeightStorage::WeightStorage(const std::string& path, std::uint64_t file_bytes) {
  if (path.empty()) return;
  file_ = std::make_unique<MappedFile>(path, 0, file_bytes);
}

std::span<const float> WeightStorage::floats(WeightTensor& tensor,
                                             const std::vector<std::size_t>& shape) {
  require_shape(tensor, shape);
  const auto placed = place(tensor, bytes_in(tensor, sizeof(float)), alignof(float));
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
  const auto placed = place(tensor, bytes_in(tensor, sizeof(std::int64_t)), alignof(std::int64_t));
  return {reinterpret_cast<const std::int64_t*>(placed.data()),
          placed.size() / sizeof(std::int64_t)};
}

std::span<const std::byte> WeightStorage::bytes(WeightTensor& tensor,
                                                const std::vector<std::size_t>& shape,
                                                std::size_t element_bytes) {
  require_shape(tensor, shape);
  return place(tensor, bytes_in(tensor, element_bytes), 1);
}

std::size_t WeightStorage::byte_size() const noexcept {
  std::size_t bytes = 0;
  for (const LargeBuffer& copy : copies_) bytes += copy.byte_size();
  return bytes;
}

std::span<const std::byte> WeightStorage::place(WeightTensor& tensor, std::size_t byte_size,
                                                std::size_t alignment) {
  if (!file_) {
    if (tensor.values.size() != byte_size) {
      throw Error(ErrorCode::kShape, tensor.name + " must have " + std::to_string(byte_size) +
                                         " bytes; got " + std::to_string(tensor.values.size()));
    }
    copies_.push_back(std::move(tensor.values));
    return {copies_.back().data(), byte_size};
  }
  const std::span<const std::byte> file = file_->bytes();
  if (tensor.offset_bytes > file.size() || byte_size > file.size() - tensor.offset_bytes) {
    throw Error(ErrorCode::kFormat, tensor.name + " ends behind the file");
  }
  const std::span<const std::byte> mapped = file.subspan(tensor.offset_bytes, byte_size);
  const bool aligned = reinterpret_cast<std::uintptr_t>(mapped.data()) % alignment == 0;
  if (aligned && byte_size >= kInPlaceFromBytes) return mapped;
  copies_.emplace_back(byte_size);
  if (byte_size > 0) std::memcpy(copies_.back().data(), mapped.data(), byte_size);
  return {copies_.back().data(), byte_size};
}

}  // namespace kleio
