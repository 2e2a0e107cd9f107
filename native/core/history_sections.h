// The sections of a history's bytes, checked against header, directory and checksums, for those who
// read what is in them.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "core/history_bytes.h"

namespace kleio {

// What `bytes` are refused with: kFormat for damage, kArgument for where they do not belong.
[[noreturn]] void refuse_damaged(const std::string& what);
[[noreturn]] void refuse_damaged(Section kind, const std::string& what);
[[noreturn]] void refuse_bytes(const std::string& what);

void require_finite_times(std::span<const double> times);
// For rows mean nothing over another table, even one of the same shape.
void require_like_table(const HistoryBytesHeader& header, const Table& table);  // in its shape
void require_same_table(const HistoryBytesHeader& header, const Table& table,
                        const CallContext& context);

class HistorySections {
 public:
  // Reads header and directory, which alone need be there. Throws kFormat, std::bad_alloc.
  explicit HistorySections(std::span<const std::byte> bytes);
  std::span<const SectionEntry> entries() const noexcept { return entries_; }
  // `of_blocks`: the checksums of the section's blocks (core/history_checksums.h). Throws kFormat.
  static void require_checksum(const SectionEntry& section,
                               std::span<const std::uint64_t> of_blocks);

  const HistoryBytesHeader& header() const noexcept { return header_; }
  bool brings(Brings what) const noexcept { return (header_.brings & what) != 0; }

  // A section of `count` values, or, if that is 0, none.
  template <typename Value>
  std::span<const Value> column(Section kind, std::uint64_t count) {
    const std::span<const Value> values = any<Value>(kind);
    if (values.size() != count) refuse_length(kind, values.size(), count);
    return values;
  }
  // A section of any number of values.
  template <typename Value>
  std::span<const Value> any(Section kind) {
    const std::span<const std::byte> bytes = raw(kind, sizeof(Value));
    return {reinterpret_cast<const Value*>(bytes.data()), bytes.size() / sizeof(Value)};
  }
  // The bytes of a section, a multiple of `unit`.
  std::span<const std::byte> raw(Section kind, std::size_t unit);
  // Where they are, or will be; none if there is no such section.
  std::span<const std::byte> bytes_of(Section kind) const noexcept;
  // After the last question.
  void require_no_others() const;

 private:
  void read_header();
  void require_counts() const;
  void read_directory();
  void read_entries(std::size_t end);
  [[noreturn]] static void refuse_length(Section kind, std::size_t values, std::uint64_t count);

  std::span<const std::byte> bytes_;
  HistoryBytesHeader header_;
  std::vector<SectionEntry> entries_;
  std::size_t asked_ = 0;
};

}  // namespace kleio
