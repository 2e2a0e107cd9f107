#include "stress/growing_table.h"

#include <algorithm>
#include <array>
#include <cstdio>
#include <cstdlib>
#include <span>

#include "core/error.h"
#include "core/hash.h"

namespace kleio {
namespace {

constexpr std::size_t kFirstRows = 700;
constexpr std::size_t kMostRows = 6000;
constexpr std::size_t kDim = 24;

using Row = std::array<std::int8_t, kDim>;

// A small range of values: many scores tie. Id 0 has none, and is never kept.
Row row_of_id(std::int64_t id) {
  Row row{};
  if (id == 0) return row;
  for (std::size_t d = 0; d < kDim; ++d) {
    const std::uint64_t bits = mixed_bits(static_cast<std::uint64_t>(id) * kDim + d);
    row[d] = static_cast<std::int8_t>(static_cast<int>(bits % 5) - 2);
  }
  return row;
}

MatrixView rows_of_ids(std::span<const std::int64_t> ids, std::vector<Row>& rows) {
  rows.clear();
  for (const std::int64_t id : ids) rows.push_back(row_of_id(id));
  return {reinterpret_cast<const std::byte*>(rows.data()), rows.size(), kDim, Dtype::kInt8};
}

}  // namespace

GrowingTable::GrowingTable(std::uint64_t seed) : random_(seed) {
  std::vector<std::int64_t> ids;
  for (std::size_t row = 0; row < kFirstRows; ++row) ids.push_back(static_cast<std::int64_t>(row));
  std::vector<Row> rows;
  growing_ = Table::copy_of(rows_of_ids(ids, rows), std::span<const std::int64_t>(ids));
  table_ = growing_;
  thread_ = std::thread([this] { grow(); });
}

GrowingTable::~GrowingTable() {
  over_ = true;
  thread_.join();
}

// Some ids are new, some come again.
void GrowingTable::grow() {
  constexpr Duplicates kWays[] = {Duplicates::kError, Duplicates::kFirst, Duplicates::kLast};
  std::vector<std::int64_t> ids;
  std::vector<Row> rows;
  while (!over_ && table_->rows() < kMostRows) {
    ids.resize(random_() % 3 == 0 ? random_() % 40 : 1);
    for (std::int64_t& id : ids) id = static_cast<std::int64_t>(random_() % (2 * table_->rows()));
    const std::size_t before = table_->rows();
    try {
      growing_->append(rows_of_ids(ids, rows), std::span<const std::int64_t>(ids),
                       kWays[random_() % 3]);
    } catch (const Error& error) {
      if (error.code() != ErrorCode::kDuplicateId || table_->rows() != before) {
        std::fprintf(stderr, "stress: %s\n", error.what());
        std::exit(1);
      }
    }
    std::this_thread::yield();
  }
}

const char* fault_of(const Table& table, std::mt19937_64& random) {
  for (int look = 0; look < 8; ++look) {
    const std::size_t rows = table.rows();
    const std::size_t row = random() % rows;
    const std::int64_t id = table.id_of(row);
    const Row expected = row_of_id(id);
    const auto* values = reinterpret_cast<const std::int8_t*>(table.row(row));
    if (!std::ranges::equal(expected, std::span(values, kDim))) return "a row holds another id's";
    const std::int32_t found = table.row_of(id);
    if (found < 0 || table.id_of(static_cast<std::size_t>(found)) != id) return "an id has no row";
    const auto asked = static_cast<std::int64_t>(random() % (3 * rows));
    std::array<std::int32_t, 1> of_then;
    table.rows_of({&asked, 1}, of_then, rows);
    if (of_then[0] >= static_cast<std::int64_t>(rows)) return "an id has a row of later";
    if (of_then[0] >= 0 && table.id_of(static_cast<std::size_t>(of_then[0])) != asked) {
      return "an id has another one's row";
    }
  }
  if (table.resident_bytes() < kFirstRows * kDim) return "a table takes less than its rows";
  return nullptr;
}

}  // namespace kleio
