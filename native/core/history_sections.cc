#include "core/history_sections.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstring>

#include "core/error.h"
#include "core/history_checksums.h"

namespace kleio {
namespace {

constexpr std::array<const char*, kSectionKinds + 1> kSectionNames = {
    "header",  "present",   "ids",           "unnamed", "rows",      "categories", "times",
    "slot_of", "item_rows", "category_rows", "unknown", "slot_rows", "items"};

std::string shape_text(std::uint64_t rows, std::uint64_t dim, const char* dtype) {
  return std::to_string(rows) + " rows of " + std::to_string(dim) + " " + dtype;
}

constexpr const char* kAdvice = ": plain bytes of ids are read over any table with ids";

std::string written_over(const HistoryBytesHeader& header) {
  const bool known = header.dtype < static_cast<std::uint32_t>(kDtypeCount);
  return "are of a history over another table, of " +
         shape_text(header.rows, header.dim,
                    known ? name_of(static_cast<Dtype>(header.dtype)) : "elements of another kind");
}

}  // namespace

void refuse_damaged(const std::string& what) {
  throw Error(ErrorCode::kFormat, "bytes are damaged: " + what);
}

void refuse_damaged(Section kind, const std::string& what) {
  refuse_damaged(std::string("section ") + kSectionNames[static_cast<std::size_t>(kind)] + " " +
                 what);
}

void refuse_bytes(const std::string& what) {
  throw Error(ErrorCode::kArgument, "bytes " + what);
}

void require_finite_times(std::span<const double> times) {
  for (std::size_t i = 0; i < times.size(); ++i) {
    if (std::isfinite(times[i])) continue;
    refuse_damaged(Section::kTimes, "has no finite time at index " + std::to_string(i));
  }
}

void require_like_table(const HistoryBytesHeader& header, const Table& table) {
  const std::size_t rows = table.rows();
  if (header.dim == table.dim() && header.dtype == static_cast<std::uint32_t>(table.dtype()) &&
      header.rows <= rows) {
    return;
  }
  refuse_bytes(written_over(header) + "; this one has " +
               shape_text(rows, table.dim(), name_of(table.dtype())) + kAdvice);
}

void require_same_table(const HistoryBytesHeader& header, const Table& table,
                        const CallContext& context) {
  require_like_table(header, table);
  if (header.table == table.fingerprint().of_first(header.rows, table, context)) return;
  refuse_bytes(written_over(header) + " with other values or ids than those of this one" + kAdvice);
}

HistorySections::HistorySections(std::span<const std::byte> bytes) : bytes_(bytes) {
  read_header();
  read_directory();
}

void HistorySections::require_checksum(const SectionEntry& section,
                                       std::span<const std::uint64_t> of_blocks) {
  if (section_checksum(of_blocks) == section.checksum) return;
  refuse_damaged(section.kind, "does not have the checksum that was written with it");
}

std::span<const std::byte> HistorySections::raw(Section kind, std::size_t unit) {
  const std::span<const std::byte> bytes = bytes_of(kind);
  if (bytes.empty()) return bytes;
  ++asked_;
  if (bytes.size() % unit != 0) {
    refuse_damaged(kind, "has " + std::to_string(bytes.size()) + " bytes");
  }
  return bytes;
}

std::span<const std::byte> HistorySections::bytes_of(Section kind) const noexcept {
  const auto entry = std::ranges::find(entries_, kind, &SectionEntry::kind);
  if (entry == entries_.end()) return {};
  return bytes_.subspan(entry->offset, entry->byte_length);
}

void HistorySections::require_no_others() const {
  if (asked_ == entries_.size()) return;
  refuse_damaged("there are sections that such a history does not have");
}

void HistorySections::refuse_length(Section kind, std::size_t values, std::uint64_t count) {
  refuse_damaged(kind, "has " + std::to_string(values) + " values, not " + std::to_string(count));
}

void HistorySections::read_header() {
  if (bytes_.size() < sizeof header_ ||
      std::memcmp(bytes_.data(), HistoryBytesHeader::kMagic.data(), header_.magic.size()) != 0) {
    throw Error(ErrorCode::kFormat,
                "bytes must be what history.toBytes wrote; these do not begin as such");
  }
  std::memcpy(&header_, bytes_.data(), sizeof header_);
  if (header_.version != HistoryBytesHeader::kVersion) {
    throw Error(ErrorCode::kFormat, "bytes are of version " + std::to_string(header_.version) +
                                        "; this kleio reads version " +
                                        std::to_string(HistoryBytesHeader::kVersion));
  }
  const auto covered = bytes_.first(offsetof(HistoryBytesHeader, checksum));
  if (checksum_of(covered) != header_.checksum) {
    refuse_damaged("the header does not have the checksum that was written with it");
  }
  if (header_.byte_length != bytes_.size()) {
    refuse_damaged("there are " + std::to_string(bytes_.size()) + " of " +
                   std::to_string(header_.byte_length) + " that were written");
  }
  require_counts();
}

void HistorySections::require_counts() const {
  const HistoryBytesHeader& h = header_;
  const bool counts = h.first >= 0 && h.places <= kMaxRows && h.behaviours <= h.places &&
                      (h.behaviours > 0 || h.places == 0) && h.slots <= h.behaviours &&
                      h.first <= kMaxSequence - static_cast<std::int64_t>(h.places) &&
                      h.capacity >= 1 && h.capacity <= kMaxRows;
  if (!counts) refuse_damaged("the header counts what no history has");
  const bool known =
      h.brings <= (kBringsIds | kBringsCategories | kBringsTimes | kBringsFeatures) &&
      (h.form == BytesForm::kPlain || h.form == BytesForm::kPacked) && h.reserved == 0;
  if (!known) refuse_damaged("the header says what this version does not know");
}

void HistorySections::read_directory() {
  const std::size_t end = sizeof header_ + std::size_t{header_.sections} * sizeof(SectionEntry);
  if (header_.sections > kSectionKinds || whole_lines(end) > bytes_.size()) {
    refuse_damaged("the header has " + std::to_string(header_.sections) + " sections");
  }
  const auto directory = bytes_.first(end).subspan(sizeof header_);
  const auto padding = bytes_.first(whole_lines(end)).subspan(end);
  if (checksum_of(directory) != header_.directory_checksum ||
      std::ranges::any_of(padding, [](std::byte byte) { return byte != std::byte{0}; })) {
    refuse_damaged("the directory does not have the checksum that was written with it");
  }
  entries_.resize(header_.sections);
  if (!directory.empty()) std::memcpy(entries_.data(), directory.data(), directory.size());
  read_entries(whole_lines(end));
}

// They come in the order of their kinds, one behind the other, up to the end.
void HistorySections::read_entries(std::size_t end) {
  std::uint32_t last = 0;
  for (const SectionEntry& entry : entries_) {
    const auto kind = static_cast<std::uint32_t>(entry.kind);
    if (kind <= last || kind > kSectionKinds) {
      refuse_damaged("the directory has a section of kind " + std::to_string(kind) +
                     " behind one of kind " + std::to_string(last));
    }
    last = kind;
    const std::size_t left = bytes_.size() - end;
    if (entry.offset != end || entry.byte_length == 0 || entry.byte_length > left ||
        whole_lines(entry.byte_length) > left || entry.reserved != 0) {
      refuse_damaged(entry.kind, "lies where it cannot");
    }
    end += whole_lines(entry.byte_length);
  }
  if (end != bytes_.size()) refuse_damaged("something follows the last section");
}

}  // namespace kleio
