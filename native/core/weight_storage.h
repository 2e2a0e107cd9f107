// The memory behind a model's views: the mapped file, and copies of what is small or misaligned.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include "core/large_buffer.h"
#include "core/mapped_file.h"
#include "core/ranker_weights.h"

namespace kleio {

class WeightStorage {
 public:
  // Maps the file; without a path every tensor brings its values. Throws kFile, kFormat.
  WeightStorage(const std::string& path, std::uint64_t file_bytes);

  // The tensor's elements after checking their shape, for as long as the storage lives. Throws
  // kShape, and kNotFinite for floats.
  std::span<const float> floats(WeightTensor& tensor, const std::vector<std::size_t>& shape);
  std::span<const std::int64_t> ids(WeightTensor& tensor, const std::vector<std::size_t>& shape);
  // Bytes of elements of any type, at any address.
  std::span<const std::byte> bytes(WeightTensor& tensor, const std::vector<std::size_t>& shape,
                                   std::size_t element_bytes);

  // Memory of its own; a mapping's pages are the system's.
  std::size_t byte_size() const noexcept;

 private:
  // The tensor's bytes at an address that is a multiple of `alignment`, copied if they are few.
  std::span<const std::byte> place(WeightTensor& tensor, std::size_t byte_size,
                                   std::size_t alignment);

  std::unique_ptr<MappedFile> file_;
  std::vector<LargeBuffer> copies_;
};

// "[3, 4]".
std::string shape_text(const std::vector<std::size_t>& shape);

// Throws kShape: "<name> must have the shape ...".
void require_shape(const WeightTensor& tensor, const std::vector<std::size_t>& shape);

}  // namespace kleio
