// A file that is written whole or not at all: it has no name until everything is on the disk, then
// takes that of what lay there before.
//
// The path is resolved once, when the file is begun. A symbolic link stays, and what it leads to is
// written; what is there and no regular file is refused; permissions stay as they were.
#pragma once

#include <sys/stat.h>

#include <cstddef>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "core/descriptor.h"

namespace kleio {

class NewFile {
 public:
  // Throws kFile.
  explicit NewFile(std::string path);
  ~NewFile();  // removes what was never committed
  NewFile(const NewFile&) = delete;
  NewFile& operator=(const NewFile&) = delete;

  // Throw kFile.
  void write(std::span<const std::byte> bytes);
  // Everything is on the disk and the file has its name.
  void commit();

 private:
  // What lies at the place of the name, if anything does. Throws kFile if it is no regular file.
  std::optional<struct stat> present() const;
  void keep_owner_and_permissions(const struct stat& present) const;
  void find_place();
  void enter(std::string_view path);
  void create();
  void flush();
  void give_name();
  void sync_folder() const;
  [[noreturn]] void refuse(const char* action) const;

  std::string path_;  // for error texts
  Descriptor folder_, file_;
  std::string name_;          // in the folder
  std::string partial_name_;  // there, too; empty: the file has none
  std::vector<std::byte> waiting_;
};

}  // namespace kleio
