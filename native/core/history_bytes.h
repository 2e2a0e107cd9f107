// A history as bytes: docs/history-bytes.md is the format's definition.
//
// Plain bytes name items by the ids of their table, or by its rows where it has no ids. Packed
// bytes are the history as it lies over one table, with what the CPU's scan reads of its items.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <vector>

#include "core/call_context.h"
#include "core/history.h"

namespace kleio {

enum class BytesForm : std::uint32_t { kPlain = 0, kPacked = 1 };

// The bits of `HistoryBytesHeader::brings`.
enum Brings : std::uint32_t {
  kBringsIds = 1,  // behaviours are named by ids, not by rows
  kBringsCategories = 2,
  kBringsTimes = 4,
  kBringsFeatures = 8,  // rows of a ranker's embeddings
};

enum class Section : std::uint32_t {
  kPresent = 1,       // a bit for each place, if behaviours were removed
  kIds = 2,           // i64 for each behaviour
  kUnnamed = 3,       // u32: indices of the behaviours without an item
  kRows = 4,          // i32 for each behaviour
  kCategories = 5,    // i64 for each behaviour; packed: for each place
  kTimes = 6,         // f64, likewise
  kSlotOf = 7,        // i32 for each place
  kItemRows = 8,      // i32 for each place
  kCategoryRows = 9,  // i32 for each place
  kUnknown = 10,      // i64 sequence and i64 id of each behaviour whose item the table did not know
  kSlotRows = 11,     // i32 for each slot
  kItems = 12,        // what the CPU's scan reads of the slots
};
inline constexpr std::uint32_t kSectionKinds = 12;

struct HistoryBytesHeader {
  static constexpr std::array<unsigned char, 8> kMagic = {0x89, 'K',  'L',  'H',
                                                          '\r', '\n', 0x1a, '\n'};
  static constexpr std::uint32_t kVersion = 1;

  std::array<unsigned char, 8> magic = kMagic;
  std::uint32_t version = kVersion;
  BytesForm form = BytesForm::kPlain;
  std::uint32_t brings = 0;
  std::uint32_t sections = 0;
  std::uint64_t byte_length = 0;  // of all
  std::int64_t first = 0;         // sequence number of the first place
  std::uint64_t places = 0;
  std::uint64_t behaviours = 0;
  std::uint64_t capacity = 0;
  std::uint32_t dim = 0;  // of the table, as the next three; 0 in plain bytes of ids
  std::uint32_t dtype = 0;
  std::uint64_t rows = 0;
  std::uint64_t table = 0;         // fingerprint
  std::uint64_t vocabularies = 0;  // fingerprint; 0 without a ranker
  std::uint64_t slots = 0;
  std::uint64_t reserved = 0;
  std::uint64_t directory_checksum = 0;
  std::uint64_t checksum = 0;  // of the header before it
};
static_assert(sizeof(HistoryBytesHeader) == 128);

// One entry of the directory, which follows the header.
struct SectionEntry {
  Section kind{};
  std::uint32_t reserved = 0;
  std::uint64_t offset = 0;       // from the start, a multiple of 64
  std::uint64_t byte_length = 0;  // zeros follow up to a multiple of 64
  std::uint64_t checksum = 0;     // of both
};
static_assert(sizeof(SectionEntry) == 32);

constexpr std::size_t whole_lines(std::size_t bytes) noexcept {
  return (bytes + kBlockAlignment - 1) / kBlockAlignment * kBlockAlignment;
}

// Where histories are read to: a table, or a model over its similarity table.
struct HistoryGround {
  std::shared_ptr<const Table> table;
  std::shared_ptr<const RankerModel> model;  // nullptr: a table's
  const Backend* backend = nullptr;
};

// Writes the history of a snapshot. It is measured when it is made, for somebody else brings the
// memory. Belongs to one call at a time.
class HistoryBytesWriter {
 public:
  // `model`: of the history, if it has one. Throws kAborted, std::bad_alloc.
  HistoryBytesWriter(std::shared_ptr<const HistorySnapshot> snapshot,
                     std::shared_ptr<const RankerModel> model, std::size_t capacity, BytesForm form,
                     const CallContext& context);

  std::size_t byte_size() const noexcept { return header_.byte_length; }
  // Fills `out`, byte_size() bytes at a multiple of 8. Throws kAborted, std::bad_alloc.
  void write(std::span<std::byte> out, const CallContext& context) const;

 private:
  void measure_plain();
  void measure_packed();
  void name_table(const CallContext& context);
  void add(Section kind, std::size_t bytes);
  void fill(Section kind, std::span<std::byte> out, const CallContext& context) const;
  void fill_present(std::span<std::byte> out) const;
  void fill_ids(std::int64_t* out) const;
  void fill_rows(std::int32_t* out) const;
  void fill_slots(std::int32_t* out) const;
  template <typename Value>
  void fill_column(const ChunkedColumn<Value>& column, Value* out) const;

  std::shared_ptr<const HistorySnapshot> snapshot_;
  std::shared_ptr<const RankerModel> model_;
  HistoryBytesHeader header_;
  std::vector<SectionEntry> entries_;
  std::vector<std::uint32_t> unnamed_;
  std::vector<UnknownItem> unknown_;
  // Those with an item, by their oldest behaviours: the same behaviours make the same bytes,
  // whatever came and went before.
  std::vector<std::uint32_t> slots_;
  std::vector<std::int32_t> new_slots_;  // what becomes of each slot
};

// The behaviours of plain bytes that this process has just written, over another table or model.
// Where items have no ids the same row is the same item. Throws kArgument where only one side has
// ids, kRange for a row that the other table lacks, kAborted, std::bad_alloc.
History history_onto(const HistoryGround& ground, std::span<const std::byte> plain,
                     const CallContext& context);

}  // namespace kleio
