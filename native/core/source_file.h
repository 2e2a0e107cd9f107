// A file to read, opened by whoever was given its path: everything of it comes through one
// descriptor, and is of one moment.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

namespace kleio {

// What tells a file from itself after a change.
struct FileStamp {
  std::uint64_t byte_size = 0;
  std::int64_t modified_ns = 0;  // mtime
  std::int64_t changed_ns = 0;   // ctime: names and permissions change it, too

  bool operator==(const FileStamp&) const = default;
};

class SourceFile {
 public:
  // Duplicates `descriptor`, which stays the caller's; `path` is for error texts. Throws kFile.
  SourceFile(std::string path, int descriptor, const FileStamp& stamp);
  ~SourceFile();
  SourceFile(const SourceFile&) = delete;
  SourceFile& operator=(const SourceFile&) = delete;

  const std::string& path() const noexcept { return path_; }
  int descriptor() const noexcept { return descriptor_; }
  // As it was opened.
  std::uint64_t byte_size() const noexcept { return stamp_.byte_size; }
  const FileStamp& stamp() const noexcept { return stamp_; }
  // As it is now. Throws kFile.
  FileStamp present_stamp() const;

  // Throws kFormat where the file ends before `offset_bytes + byte_size`.
  void require_range(std::uint64_t offset_bytes, std::uint64_t byte_size) const;
  // Fills `bytes` from `offset_bytes` on. Throws kFile, kFormat.
  void read(std::uint64_t offset_bytes, std::span<std::byte> bytes) const;

  [[noreturn]] void refuse(const char* action, int error) const;
  [[noreturn]] void refuse_changed() const;

 private:
  std::string path_;
  int descriptor_;
  FileStamp stamp_;
};

// What was read of a file into memory, to show in the end that all of it is of one moment.
class FileReading {
 public:
  explicit FileReading(const SourceFile& file) noexcept : file_(file) {}

  // As of the file. The bytes stay where they are until `finish`.
  void read(std::uint64_t offset_bytes, std::span<std::byte> bytes);
  // Throws kFile if the file has been changed since it was opened. Its names may change: where
  // ctime alone is another one, what was read is compared with what is there.
  void finish() const;

 private:
  struct Part {
    std::uint64_t offset_bytes;
    std::span<const std::byte> bytes;
  };
  bool reads_the_same() const;

  const SourceFile& file_;
  std::vector<Part> parts_;
};

}  // namespace kleio
