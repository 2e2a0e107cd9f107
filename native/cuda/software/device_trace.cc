#include "cuda/software/device_trace.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>

#include <chrono>

#include "core/error.h"

namespace kleio::cuda {

DeviceTrace::DeviceTrace(const std::string& path) {
  if (path.empty()) return;
  const int file = ::open(path.c_str(), O_RDWR | O_CREAT, 0600);
  const std::size_t bytes = kRecords * sizeof(Record);
  void* mapping = MAP_FAILED;
  if (file >= 0 && ::ftruncate(file, static_cast<off_t>(bytes)) == 0) {
    mapping = ::mmap(nullptr, bytes, PROT_READ | PROT_WRITE, MAP_SHARED, file, 0);
  }
  if (file >= 0) ::close(file);
  if (mapping == MAP_FAILED) throw Error(ErrorCode::kFile, path + ": cannot be mapped");
  records_ = static_cast<Record*>(mapping);
}

DeviceTrace::~DeviceTrace() {
  if (records_ != nullptr) ::munmap(records_, kRecords * sizeof(Record));
}

void DeviceTrace::note(Kind kind, std::size_t bytes) noexcept {
  if (records_ == nullptr) return;
  const auto now = std::chrono::steady_clock::now().time_since_epoch();
  const std::size_t place = noted_.fetch_add(1, std::memory_order_relaxed) % kRecords;
  records_[place] = {
      static_cast<std::uint64_t>(std::chrono::duration_cast<std::chrono::nanoseconds>(now).count()),
      kind, static_cast<std::uint32_t>(bytes)};
}

}  // namespace kleio::cuda
