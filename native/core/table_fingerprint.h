// Numbers that tell tables and vocabularies by what they hold: bytes of a history that name rows
// must not be read over others.
#pragma once

#include <cstddef>
#include <cstdint>
#include <mutex>
#include <span>
#include <vector>

namespace kleio {

class Table;
struct CallContext;

// XXH64 of the u64 numbers dim, dtype, has ids and rows, and then of the XXH64 of each block of
// kBlockRows rows: its values, then its ids. So a table that has grown still knows the fingerprint
// of the rows that it began with, and reads only those that are new.
class TableFingerprint {
 public:
  static constexpr std::size_t kBlockRows = 4096;

  // Of the first `rows` rows of `table`, which it belongs to. Reads them on the threads of the
  // call, once. Any thread may call it. Throws kAborted, std::bad_alloc.
  std::uint64_t of_first(std::size_t rows, const Table& table, const CallContext& context);

 private:
  std::vector<std::uint64_t> known_blocks(std::size_t count);

  std::mutex mutex_;
  std::vector<std::uint64_t> blocks_;  // whole ones, from the first on
  std::size_t last_rows_ = 0;          // of the last question, and its answer; 0: none
  std::uint64_t last_ = 0;
};

// XXH64 of the lengths and ids of vocabularies, in turn.
class VocabularyFingerprint {
 public:
  // Reads them once. Any thread may call it.
  std::uint64_t of(std::span<const std::int64_t> items, std::span<const std::int64_t> categories);

 private:
  std::once_flag once_;
  std::uint64_t value_ = 0;
};

}  // namespace kleio
