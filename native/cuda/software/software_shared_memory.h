// Shared memory of a software block, which knows who touched what since the last barrier.
//
// Two threads that touch a word in one epoch race unless both read or both add atomically; a word
// that is read before it was ever written is garbage. Either throws: the kernel is wrong, whatever
// the values were.
#pragma once

#include <cstdint>
#include <cstring>
#include <stdexcept>
#include <type_traits>
#include <utility>
#include <vector>

namespace kleio::cuda {

class SoftwareSharedMemory {
 public:
  // Outside `each` all threads run the same code.
  static constexpr std::uint32_t kAllThreads = 0xffffffffu;

  explicit SoftwareSharedMemory(std::size_t bytes)
      : words_((bytes + kWord - 1) / kWord, 0x7fa5a5a5u), accesses_(words_.size()) {}

  std::size_t byte_size() const noexcept { return words_.size() * kWord; }
  void end_epoch() noexcept { ++epoch_; }
  void set_thread(std::uint32_t thread) noexcept { thread_ = thread; }

  void read(std::size_t offset, void* value, std::size_t bytes) {
    check(offset, bytes);
    for (std::size_t word = offset / kWord; word * kWord < offset + bytes; ++word) {
      note_read(accesses_[word]);
    }
    std::memcpy(value, start() + offset, bytes);
  }

  void write(std::size_t offset, const void* value, std::size_t bytes) {
    check(offset, bytes);
    for (std::size_t word = offset / kWord; word * kWord < offset + bytes; ++word) {
      note_write(accesses_[word]);
    }
    std::memcpy(start() + offset, value, bytes);
  }

  // One atomic operation on a word; returns what it held before.
  std::uint32_t add(std::size_t offset, std::uint32_t value) {
    check(offset, sizeof value);
    note_add(accesses_[offset / kWord]);
    return std::exchange(words_[offset / kWord], words_[offset / kWord] + value);
  }

 private:
  static constexpr std::size_t kWord = 4;
  struct Access {
    std::uint32_t write_epoch = 0, writer = 0;
    std::uint32_t read_epoch = 0, reader = 0;
    bool atomic = false;  // all writes of the epoch are
  };

  char* start() noexcept { return reinterpret_cast<char*>(words_.data()); }

  void check(std::size_t offset, std::size_t bytes) const {
    if (offset + bytes > byte_size()) throw std::logic_error("access beyond shared memory");
    if (bytes < kWord || offset % bytes != 0) throw std::logic_error("unaligned shared memory");
  }

  void note_read(Access& access) const {
    if (access.write_epoch == 0) throw std::logic_error("shared memory read before any write");
    if (access.write_epoch == epoch_ && access.writer != thread_) {
      throw std::logic_error("shared memory read without a barrier after another thread's write");
    }
    const bool another = access.read_epoch == epoch_ && access.reader != thread_;
    access.reader = another ? kAllThreads : thread_;
    access.read_epoch = epoch_;
  }

  void note_write(Access& access) const {
    check_write(access);
    if (access.write_epoch == epoch_ && access.writer != thread_) {
      throw std::logic_error("shared memory written by two threads without a barrier");
    }
    access.writer = thread_;
    access.write_epoch = epoch_;
    access.atomic = false;
  }

  void note_add(Access& access) const {
    check_write(access);
    if (access.write_epoch == 0) throw std::logic_error("shared memory added to before any write");
    const bool first = access.write_epoch != epoch_;
    const bool another = !first && access.writer != thread_;
    if (another && !access.atomic) {
      throw std::logic_error("shared memory added to without a barrier after another's write");
    }
    access.writer = another ? kAllThreads : thread_;
    access.write_epoch = epoch_;
    access.atomic = first || access.atomic;
  }

  void check_write(const Access& access) const {
    if (thread_ == kAllThreads) throw std::logic_error("shared memory written by all threads");
    if (access.read_epoch == epoch_ && access.reader != thread_) {
      throw std::logic_error("shared memory written without a barrier after another thread's read");
    }
  }

  std::vector<std::uint32_t> words_;
  std::vector<Access> accesses_;
  std::uint32_t epoch_ = 1;
  std::uint32_t thread_ = kAllThreads;
};

template <typename T>
class SoftwareShared {
 public:
  SoftwareShared(SoftwareSharedMemory& memory, std::size_t offset, std::uint32_t count)
      : memory_(&memory), offset_(offset), count_(count) {
    if (offset + std::size_t{count} * sizeof(T) > memory.byte_size()) {
      throw std::logic_error("shared array beyond the block's shared memory");
    }
  }

  T get(std::uint32_t i) const {
    T value;
    memory_->read(place(i), &value, sizeof value);
    return value;
  }
  void set(std::uint32_t i, T value) const { memory_->write(place(i), &value, sizeof value); }
  T add(std::uint32_t i, T value) const {
    static_assert(std::is_same_v<T, std::uint32_t>);
    return memory_->add(place(i), value);
  }

 private:
  std::size_t place(std::uint32_t i) const {
    if (i >= count_) throw std::logic_error("index beyond a shared array");
    return offset_ + std::size_t{i} * sizeof(T);
  }

  SoftwareSharedMemory* memory_;
  std::size_t offset_;
  std::uint32_t count_;
};

}  // namespace kleio::cuda
