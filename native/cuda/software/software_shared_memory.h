// Shared memory of a software block, which knows who touched what since the last barrier.
//
// Two threads that touch a word in one epoch race unless both read or both add atomically; a word
// that is read before it was ever written is garbage. Either throws: the kernel is wrong, whatever
// the values were.
//
// Two things act beside the threads. An asynchronous copy (cp.async) owns its words until the
// thread that began it has waited for it. A warpgroup's multiplication (wgmma) reads words until
// the warpgroup has waited for it, and reads them by the "async proxy": it sees what was written
// before the last barrier by a thread that fenced the proxy (fence.proxy.async) in between.
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
      : words_((bytes + kWord - 1) / kWord, kGarbage), accesses_(words_.size()) {}

  std::size_t byte_size() const noexcept { return words_.size() * kWord; }
  void end_epoch() noexcept {
    ++epoch_;
    fences_before_barrier_ = fences_;
  }
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

  // Of a thread: what it writes with `finish_copy` is on its way.
  void begin_copy(std::size_t offset, std::size_t bytes) {
    check(offset, bytes);
    for (std::size_t word = offset / kWord; word * kWord < offset + bytes; ++word) {
      check_write(accesses_[word]);
      accesses_[word].copied = true;
      words_[word] = kGarbage;
    }
  }
  void finish_copy(std::size_t offset, const void* value, std::size_t bytes) {
    for (std::size_t word = offset / kWord; word * kWord < offset + bytes; ++word) {
      accesses_[word].copied = false;
    }
    write(offset, value, bytes);
  }

  // By all threads: what each has written, a multiplication may read after the next barrier.
  void fence_async() noexcept { ++fences_; }

  // Of a multiplication that reads whole words: from the first to the second call nobody may write.
  void begin_async_read(std::size_t offset) {
    check(offset, kWord);
    Access& access = accesses_[offset / kWord];
    if (access.copied) throw std::logic_error("multiplied memory is still being copied");
    if (access.write_epoch == 0) throw std::logic_error("multiplied memory was never written");
    if (access.write_epoch == epoch_) throw std::logic_error("multiplied without a barrier");
    if (access.write_fences >= fences_before_barrier_) {
      throw std::logic_error("multiplied without a fence of the async proxy before the barrier");
    }
    ++access.multiplied;
  }
  std::uint32_t end_async_read(std::size_t offset) {
    Access& access = accesses_[offset / kWord];
    --access.multiplied;
    access.read_epoch = epoch_;
    access.reader = kAllThreads;
    return words_[offset / kWord];
  }

  // One atomic operation on a word; returns what it held before.
  std::uint32_t add(std::size_t offset, std::uint32_t value) {
    check(offset, sizeof value);
    note_add(accesses_[offset / kWord]);
    return std::exchange(words_[offset / kWord], words_[offset / kWord] + value);
  }

 private:
  static constexpr std::size_t kWord = 4;
  static constexpr std::uint32_t kGarbage = 0x7fa5a5a5u;
  struct Access {
    std::uint32_t write_epoch = 0, writer = 0;
    std::uint32_t read_epoch = 0, reader = 0;
    std::uint32_t write_fences = 0;  // before the last write
    std::uint16_t multiplied = 0;    // by so many multiplications that nobody has waited for
    bool atomic = false;             // all writes of the epoch are
    bool copied = false;             // to, by a copy that its thread has not waited for
  };

  char* start() noexcept { return reinterpret_cast<char*>(words_.data()); }

  void check(std::size_t offset, std::size_t bytes) const {
    if (offset + bytes > byte_size()) throw std::logic_error("access beyond shared memory");
    if (bytes < kWord || offset % bytes != 0) throw std::logic_error("unaligned shared memory");
  }

  void note_read(Access& access) const {
    if (access.write_epoch == 0) throw std::logic_error("shared memory read before any write");
    if (access.copied) throw std::logic_error("shared memory read before a copy has come");
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
    access.write_fences = fences_;
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
    access.write_fences = fences_;
    access.atomic = first || access.atomic;
  }

  void check_write(const Access& access) const {
    if (thread_ == kAllThreads) throw std::logic_error("shared memory written by all threads");
    if (access.copied) throw std::logic_error("shared memory written while a copy is on its way");
    if (access.multiplied > 0) throw std::logic_error("shared memory written while multiplied");
    if (access.read_epoch == epoch_ && access.reader != thread_) {
      throw std::logic_error("shared memory written without a barrier after another thread's read");
    }
  }

  std::vector<std::uint32_t> words_;
  std::vector<Access> accesses_;
  std::uint32_t epoch_ = 1;
  std::uint32_t fences_ = 0;
  std::uint32_t fences_before_barrier_ = 0;
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
