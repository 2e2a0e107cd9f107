#include "core/mapped_file.h"

#include <sys/mman.h>
#include <unistd.h>

#include <cerrno>

namespace kleio {

MappedFile::MappedFile(const SourceFile& file, std::uint64_t offset_bytes,
                       std::uint64_t length_bytes) {
  file.require_range(offset_bytes, length_bytes);
  if (length_bytes == 0) return;

  const auto page_bytes = static_cast<std::uint64_t>(sysconf(_SC_PAGESIZE));
  const std::uint64_t lead_bytes = offset_bytes % page_bytes;
  mapping_bytes_ = static_cast<std::size_t>(lead_bytes + length_bytes);
  void* mapping = mmap(nullptr, mapping_bytes_, PROT_READ, MAP_SHARED, file.descriptor(),
                       static_cast<off_t>(offset_bytes - lead_bytes));
  if (mapping == MAP_FAILED) file.refuse("map", errno);
  mapping_ = mapping;
  bytes_ = {static_cast<const std::byte*>(mapping) + lead_bytes,
            static_cast<std::size_t>(length_bytes)};
}

MappedFile::~MappedFile() {
  if (mapping_ != nullptr) munmap(mapping_, mapping_bytes_);
}

void MappedFile::expect(Access access) const noexcept {
  if (mapping_ == nullptr) return;
  // Advice only: when the system ignores it, reading is slower and nothing else.
  madvise(mapping_, mapping_bytes_, access == Access::kSequential ? MADV_SEQUENTIAL : MADV_RANDOM);
}

}  // namespace kleio
