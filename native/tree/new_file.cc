#include "tree/new_file.h"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <system_error>

#include "core/error.h"

namespace kleio {
namespace {

constexpr std::size_t kBufferBytes = std::size_t{1} << 20;

}  // namespace

NewFile::NewFile(std::string path)
    : path_(std::move(path)),
      partial_path_(path_ + ".partial-" + std::to_string(getpid())),
      descriptor_(open(partial_path_.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644)) {
  if (descriptor_ < 0) refuse("create");
}

NewFile::~NewFile() {
  if (descriptor_ < 0) return;
  close(descriptor_);
  unlink(partial_path_.c_str());
}

void NewFile::write(std::span<const std::byte> bytes) {
  waiting_.insert(waiting_.end(), bytes.begin(), bytes.end());
  if (waiting_.size() >= kBufferBytes) flush();
}

void NewFile::commit() {
  flush();
  if (fsync(descriptor_) != 0) refuse("write");
  if (rename(partial_path_.c_str(), path_.c_str()) != 0) refuse("rename");
  close(descriptor_);
  descriptor_ = -1;
}

void NewFile::flush() {
  std::span<const std::byte> left = waiting_;
  while (!left.empty()) {
    const ssize_t written = ::write(descriptor_, left.data(), left.size());
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) refuse("write");
    left = left.subspan(static_cast<std::size_t>(written));
  }
  waiting_.clear();
}

void NewFile::refuse(const char* action) const {
  throw Error(ErrorCode::kFile, std::string("cannot ") + action + " " + path_ + ": " +
                                    std::error_code(errno, std::generic_category()).message());
}

}  // namespace kleio
