// When a device was asked for what: records in a file that the process and whoever reads it share.
//
// The file holds kRecords records, the n-th noted at n % kRecords; a reader finds the latest by
// their times, which are those of the system's monotonic clock.
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <string>

namespace kleio::cuda {

class DeviceTrace {
 public:
  enum class Kind : std::uint32_t { kUpload = 1, kLaunch = 2, kDownload = 3, kSynchronised = 4 };
  static constexpr std::size_t kRecords = 4096;

  // Notes nothing where `path` is empty. Throws kFile.
  explicit DeviceTrace(const std::string& path);
  ~DeviceTrace();
  DeviceTrace(const DeviceTrace&) = delete;
  DeviceTrace& operator=(const DeviceTrace&) = delete;

  void note(Kind kind, std::size_t bytes) noexcept;

 private:
  struct Record {
    std::uint64_t time_ns;
    Kind kind;
    std::uint32_t bytes;
  };

  Record* records_ = nullptr;
  std::atomic<std::size_t> noted_{0};
};

}  // namespace kleio::cuda
