#include "core/mapped_file.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <system_error>

#include "core/error.h"

namespace kleio {
namespace {

[[noreturn]] void refuse(const std::string& path, const char* action, int error) {
  throw Error(ErrorCode::kFile, std::string("cannot ") + action + " " + path + ": " +
                                    std::error_code(error, std::generic_category()).message());
}

class OpenFile {
 public:
  // Non-blocking, so that a pipe without a writer is refused below instead of waited for.
  explicit OpenFile(const std::string& path)
      : path_(path), descriptor_(open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK)) {
    if (descriptor_ < 0) refuse(path, "open", errno);
  }
  ~OpenFile() { close(descriptor_); }
  OpenFile(const OpenFile&) = delete;
  OpenFile& operator=(const OpenFile&) = delete;

  std::uint64_t byte_size() const {
    struct stat status{};
    if (fstat(descriptor_, &status) != 0) refuse(path_, "examine", errno);
    if (!S_ISREG(status.st_mode)) {
      throw Error(ErrorCode::kFile, "cannot map " + path_ + ": it is not a regular file");
    }
    return static_cast<std::uint64_t>(status.st_size);
  }

  int descriptor() const noexcept { return descriptor_; }

 private:
  const std::string& path_;
  int descriptor_;
};

}  // namespace

MappedFile::MappedFile(const std::string& path, std::uint64_t offset_bytes,
                       std::uint64_t length_bytes) {
  const OpenFile file(path);
  const std::uint64_t file_bytes = file.byte_size();
  if (offset_bytes > file_bytes || length_bytes > file_bytes - offset_bytes) {
    throw Error(ErrorCode::kFormat, path + " must hold " + std::to_string(length_bytes) +
                                        " bytes at offset " + std::to_string(offset_bytes) +
                                        "; the file ends at " + std::to_string(file_bytes));
  }
  if (length_bytes == 0) return;

  const auto page_bytes = static_cast<std::uint64_t>(sysconf(_SC_PAGESIZE));
  const std::uint64_t lead_bytes = offset_bytes % page_bytes;
  mapping_bytes_ = static_cast<std::size_t>(lead_bytes + length_bytes);
  void* mapping = mmap(nullptr, mapping_bytes_, PROT_READ, MAP_SHARED, file.descriptor(),
                       static_cast<off_t>(offset_bytes - lead_bytes));
  if (mapping == MAP_FAILED) refuse(path, "map", errno);
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
