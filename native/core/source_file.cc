#include "core/source_file.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <system_error>

#include "core/error.h"

namespace kleio {
namespace {

constexpr std::size_t kMostAtOnce = std::size_t{1} << 30;  // a call reads less than 2^31 bytes
constexpr std::size_t kComparedAtOnce = std::size_t{1} << 20;

std::int64_t nanoseconds(const timespec& time) noexcept {
  return std::int64_t{time.tv_sec} * 1'000'000'000 + time.tv_nsec;
}

}  // namespace

SourceFile::SourceFile(std::string path, int descriptor, const FileStamp& stamp)
    : path_(std::move(path)), descriptor_(fcntl(descriptor, F_DUPFD_CLOEXEC, 0)), stamp_(stamp) {
  if (descriptor_ < 0) refuse("open", errno);
}

SourceFile::~SourceFile() {
  close(descriptor_);
}

FileStamp SourceFile::present_stamp() const {
  struct stat status{};
  if (fstat(descriptor_, &status) != 0) refuse("examine", errno);
  return {static_cast<std::uint64_t>(status.st_size), nanoseconds(status.st_mtim),
          nanoseconds(status.st_ctim)};
}

void SourceFile::require_range(std::uint64_t offset_bytes, std::uint64_t byte_size) const {
  const std::uint64_t file_bytes = stamp_.byte_size;
  if (offset_bytes <= file_bytes && byte_size <= file_bytes - offset_bytes) return;
  throw Error(ErrorCode::kFormat, path_ + " must hold " + std::to_string(byte_size) +
                                      " bytes at offset " + std::to_string(offset_bytes) +
                                      "; the file ends at " + std::to_string(file_bytes));
}

void SourceFile::read(std::uint64_t offset_bytes, std::span<std::byte> bytes) const {
  require_range(offset_bytes, bytes.size());
  while (!bytes.empty()) {
    const ssize_t count = pread(descriptor_, bytes.data(), std::min(bytes.size(), kMostAtOnce),
                                static_cast<off_t>(offset_bytes));
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) refuse("read", errno);
    if (count == 0) refuse_changed();  // it was as long as that
    bytes = bytes.subspan(static_cast<std::size_t>(count));
    offset_bytes += static_cast<std::uint64_t>(count);
  }
}

void SourceFile::refuse(const char* action, int error) const {
  throw Error(ErrorCode::kFile, std::string("cannot ") + action + " " + path_ + ": " +
                                    std::error_code(error, std::generic_category()).message());
}

void SourceFile::refuse_changed() const {
  throw Error(ErrorCode::kFile, path_ + ": was changed while it was read");
}

void FileReading::read(std::uint64_t offset_bytes, std::span<std::byte> bytes) {
  file_.read(offset_bytes, bytes);
  parts_.push_back({offset_bytes, bytes});
}

void FileReading::finish() const {
  const FileStamp now = file_.present_stamp();
  const FileStamp& before = file_.stamp();
  if (now == before) return;
  const bool same = now.byte_size == before.byte_size && now.modified_ns == before.modified_ns;
  if (!same || !reads_the_same()) file_.refuse_changed();
}

bool FileReading::reads_the_same() const {
  std::vector<std::byte> again(kComparedAtOnce);
  for (Part part : parts_) {
    while (!part.bytes.empty()) {
      const std::size_t count = std::min(part.bytes.size(), again.size());
      file_.read(part.offset_bytes, std::span(again).first(count));
      if (std::memcmp(again.data(), part.bytes.data(), count) != 0) return false;
      part.bytes = part.bytes.subspan(count);
      part.offset_bytes += count;
    }
  }
  return true;
}

}  // namespace kleio
