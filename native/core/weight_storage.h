// The memory behind a model's views: what its tensors hold, brought along or read from files.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include "core/large_buffer.h"
#include "core/ranker_weights.h"
#include "core/source_file.h"

namespace kleio {

class WeightStorage {
 public:
  // The tensor's elements after checking their shape, for as long as the storage lives. Throws
  // kShape, kFile, kFormat, and kNotFinite for floats.
  std::span<const float> floats(WeightTensor& tensor, const std::vector<std::size_t>& shape);
  std::span<const std::int64_t> ids(WeightTensor& tensor, const std::vector<std::size_t>& shape);
  // Bytes of elements of any type.
  std::span<const std::byte> bytes(WeightTensor& tensor, const std::vector<std::size_t>& shape,
                                   std::size_t element_bytes);
  // What `build` makes of the tensors, all of one moment. Throws kFile if a file was changed
  // meanwhile, whatever else then seemed to be wrong.
  template <typename Build>
  auto of_one_moment(Build build) {
    try {
      auto built = build();
      finish();
      return built;
    } catch (...) {
      finish();
      throw;
    }
  }

  // What the tensors take.
  std::size_t byte_size() const noexcept;

 private:
  void finish();
  // The tensor's bytes, aligned for every element.
  std::span<const std::byte> place(WeightTensor& tensor, std::size_t byte_size);
  FileReading& reading_of(const std::shared_ptr<const SourceFile>& file);

  struct OpenReading {
    std::shared_ptr<const SourceFile> file;
    FileReading reading;
  };
  std::vector<OpenReading> readings_;
  std::vector<LargeBuffer> placed_;
};

// "[3, 4]".
std::string shape_text(const std::vector<std::size_t>& shape);

// Throws kShape: "<name> must have the shape ...".
void require_shape(const WeightTensor& tensor, const std::vector<std::size_t>& shape);

}  // namespace kleio
