// A file being written beside its final name, which it takes only when it is whole.
#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <vector>

namespace kleio {

class NewFile {
 public:
  // Throws kFile.
  explicit NewFile(std::string path);
  ~NewFile();  // removes what was never committed
  NewFile(const NewFile&) = delete;
  NewFile& operator=(const NewFile&) = delete;

  void write(std::span<const std::byte> bytes);
  // Everything is on the disk and the file has its name.
  void commit();

 private:
  void flush();
  [[noreturn]] void refuse(const char* action) const;

  std::string path_, partial_path_;
  int descriptor_;
  std::vector<std::byte> waiting_;
};

}  // namespace kleio
