// A read-only memory mapping of a part of a file.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

#include "core/source_file.h"

namespace kleio {

class MappedFile {
 public:
  // Maps [offset_bytes, offset_bytes + length_bytes). Throws kFile (cannot be mapped) and kFormat
  // (the file ends before that).
  MappedFile(const SourceFile& file, std::uint64_t offset_bytes, std::uint64_t length_bytes);
  ~MappedFile();
  MappedFile(const MappedFile&) = delete;
  MappedFile& operator=(const MappedFile&) = delete;

  std::span<const std::byte> bytes() const noexcept { return bytes_; }

  enum class Access { kSequential, kRandom };
  // Tells the system how the bytes are going to be read.
  void expect(Access access) const noexcept;

 private:
  void* mapping_ = nullptr;
  std::size_t mapping_bytes_ = 0;
  std::span<const std::byte> bytes_;
};

}  // namespace kleio
