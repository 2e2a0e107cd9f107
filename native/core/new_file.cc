#include "core/new_file.h"

#include <fcntl.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <climits>
#include <cstdio>
#include <random>
#include <system_error>

#include "core/error.h"

namespace kleio {
namespace {

constexpr std::size_t kBufferBytes = std::size_t{1} << 20;
constexpr int kMostLinks = 40;  // as the system follows them
constexpr mode_t kNewMode = 0666;
constexpr mode_t kPermissions = 07777;
constexpr mode_t kPlainPermissions = 0777;  // without those that lend the owner's identity

#ifdef O_PATH
constexpr int kFolderFlags = O_PATH | O_DIRECTORY | O_CLOEXEC;
#else
constexpr int kFolderFlags = O_RDONLY | O_DIRECTORY | O_CLOEXEC;
#endif

// Nobody can guess it, so nobody can lay something in its place.
std::string random_name() {
  std::random_device random;
  std::array<char, 32> text{};
  std::snprintf(text.data(), text.size(), ".kleio-%08x%08x", random(), random());
  return text.data();
}

std::string own_link(const Descriptor& file) {
  return "/proc/self/fd/" + std::to_string(file.number());
}

const char* kind_of(mode_t mode) noexcept {
  if (S_ISDIR(mode)) return "a directory";
  if (S_ISFIFO(mode)) return "a pipe";
  if (S_ISSOCK(mode)) return "a socket";
  return "a device";
}

}  // namespace

NewFile::NewFile(std::string path) : path_(std::move(path)) {
  find_place();
  create();
}

NewFile::~NewFile() {
  if (!partial_name_.empty()) unlinkat(folder_.number(), partial_name_.c_str(), 0);
}

void NewFile::write(std::span<const std::byte> bytes) {
  waiting_.insert(waiting_.end(), bytes.begin(), bytes.end());
  if (waiting_.size() >= kBufferBytes) flush();
}

void NewFile::commit() {
  flush();
  if (const auto before = present()) keep_owner_and_permissions(*before);
  if (fsync(file_.number()) != 0) refuse("write");
  give_name();
  sync_folder();
}

// The folder and the name in it, behind every link.
void NewFile::find_place() {
  enter(path_);
  for (int links = 0; links < kMostLinks; ++links) {
    std::array<char, PATH_MAX> target{};
    const ssize_t length =
        readlinkat(folder_.number(), name_.c_str(), target.data(), target.size());
    if (length < 0) {
      present();
      return;
    }
    enter({target.data(), static_cast<std::size_t>(length)});
  }
  errno = ELOOP;
  refuse("write");
}

// Goes to the folder of a path that begins where we are.
void NewFile::enter(std::string_view path) {
  const std::size_t slash = path.rfind('/');
  const std::string folder(slash == std::string_view::npos ? "." : path.substr(0, slash + 1));
  name_ = path.substr(slash + 1);  // npos + 1 is 0
  const int from = folder_.is_open() ? folder_.number() : AT_FDCWD;
  folder_ = Descriptor(openat(from, folder.c_str(), kFolderFlags));
  if (!folder_.is_open()) refuse("write");
  if (name_.empty()) name_.push_back('.');
}

std::optional<struct stat> NewFile::present() const {
  struct stat status{};
  if (fstatat(folder_.number(), name_.c_str(), &status, AT_SYMLINK_NOFOLLOW) != 0) {
    if (errno == ENOENT) return std::nullopt;
    refuse("write");
  }
  if (S_ISREG(status.st_mode)) return status;
  const char* kind = S_ISLNK(status.st_mode) ? "now a symbolic link" : kind_of(status.st_mode);
  throw Error(ErrorCode::kFile,
              "cannot write " + path_ + ": it is " + kind + ", not a regular file");
}

void NewFile::keep_owner_and_permissions(const struct stat& present) const {
  // Who may not give files away still may write this one.
  const bool given = fchown(file_.number(), present.st_uid, present.st_gid) == 0;
  const mode_t kept = present.st_mode & (given ? kPermissions : kPlainPermissions);
  if (fchmod(file_.number(), kept) != 0) refuse("keep the permissions of");
}

// Without a name where the system knows such files: then nothing is left behind by a process that
// ends in between.
void NewFile::create() {
#ifdef O_TMPFILE
  file_ = Descriptor(openat(folder_.number(), ".", O_TMPFILE | O_WRONLY | O_CLOEXEC, kNewMode));
  if (file_.is_open() && access(own_link(file_).c_str(), F_OK) == 0) return;
#endif
  do {
    partial_name_ = random_name();
    file_ = Descriptor(openat(folder_.number(), partial_name_.c_str(),
                              O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, kNewMode));
  } while (!file_.is_open() && errno == EEXIST);
  if (file_.is_open()) return;
  partial_name_.clear();
  refuse("create");
}

void NewFile::flush() {
  std::span<const std::byte> left = waiting_;
  while (!left.empty()) {
    const ssize_t written = ::write(file_.number(), left.data(), left.size());
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) refuse("write");
    left = left.subspan(static_cast<std::size_t>(written));
  }
  waiting_.clear();
}

void NewFile::give_name() {
  const int folder = folder_.number();
  const auto link_as = [&](const std::string& name) {
    return linkat(AT_FDCWD, own_link(file_).c_str(), folder, name.c_str(), AT_SYMLINK_FOLLOW) == 0;
  };
  if (partial_name_.empty()) {
    if (link_as(name_)) return;
    // A link replaces nothing: it gets a name of its own first.
    std::string name;
    while (errno == EEXIST) {
      name = random_name();
      if (!link_as(name)) continue;
      partial_name_ = name;
      break;
    }
    if (partial_name_.empty()) refuse("name");
  }
  if (renameat(folder, partial_name_.c_str(), folder, name_.c_str()) != 0) refuse("rename");
  partial_name_.clear();
}

// So that the name survives a loss of power. A folder that nobody may list cannot be asked to.
void NewFile::sync_folder() const {
  const Descriptor folder(openat(folder_.number(), ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (folder.is_open() && fsync(folder.number()) != 0 && errno != EINVAL) refuse("write");
}

void NewFile::refuse(const char* action) const {
  throw Error(ErrorCode::kFile, std::string("cannot ") + action + " " + path_ + ": " +
                                    std::error_code(errno, std::generic_category()).message());
}

}  // namespace kleio
