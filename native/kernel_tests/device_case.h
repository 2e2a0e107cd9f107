// A search case's table and users in device memory, as the host of a device would send them.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "cuda/kernels/search_params.h"
#include "cuda/residency/table_encoding.h"
#include "kernel_tests/kernel_memory.h"
#include "kernel_tests/search_case.h"

namespace kleio::cuda::tests {

// The columns of one user.
struct DeviceUser {
  DeviceUser(const SearchCase& search, const UserCase& user)
      : DeviceUser(user, columns_of(search, user)) {}

  void put_into(HistoryParams& history, const SearchCase& search) const {
    history.rows = rows.or_null(!packed);
    history.newest = newest.or_null(!packed);
    history.steps_back = steps_back.or_null(!packed);
    history.times = times.or_null(has_times);
    history.since = search.since;
    history.until = search.until;
    history.min_score = search.min_score;
  }

  bool packed;
  bool has_times;
  KernelArray<std::int32_t> rows;
  KernelArray<std::uint32_t> newest;
  KernelArray<std::uint32_t> steps_back;
  KernelArray<double> times;

 private:
  // Those that a history keeps up as behaviours come.
  struct Columns {
    std::vector<std::uint32_t> newest, steps_back;
  };

  DeviceUser(const UserCase& user, const Columns& columns)
      : packed(user.packed),
        has_times(!user.times.empty()),
        rows(std::span<const std::int32_t>(user.row_of_slot)),
        newest(std::span<const std::uint32_t>(columns.newest)),
        steps_back(std::span<const std::uint32_t>(columns.steps_back)),
        times(std::span<const double>(user.times)) {}

  static Columns columns_of(const SearchCase& search, const UserCase& user) {
    Columns columns;
    columns.newest.assign(user.row_of_slot.size(), kNotEligible);
    columns.steps_back.assign(user.slot_of.size(), 0);
    std::vector<std::int64_t> last(user.row_of_slot.size(), -1);
    for (std::size_t i = 0; i < user.slot_of.size(); ++i) {
      if (user.slot_of[i] < 0) continue;
      const auto slot = static_cast<std::size_t>(user.slot_of[i]);
      // A step that leads past the start is what a history leaves whose oldest have left.
      columns.steps_back[i] =
          static_cast<std::uint32_t>(last[slot] < 0 ? (i % 3 == 0 ? i + 1 + i % 5 : 0)
                                                    : i - static_cast<std::size_t>(last[slot]));
      last[slot] = static_cast<std::int64_t>(i);
      const bool excluded = !user.excluded.empty() && user.excluded[slot];
      const bool recent = user.times.empty() || search.is_in_time(user.times[i]);
      if (!excluded && recent) columns.newest[slot] = static_cast<std::uint32_t>(i);
    }
    return columns;
  }
};

class DeviceTable {
 public:
  explicit DeviceTable(const SearchCase& search)
      : encoding(choose_encoding(search.view())),
        codes(std::size_t{search.rows} * encoding.code_row_bytes),
        values(encoding.codes_are_values ? 0 : std::size_t{search.rows} * encoding.value_row_bytes),
        cosine_factors(search.rows),
        dot_factors(search.rows),
        norms(search.rows),
        norms_sq(search.rows) {
    Encoded rows(search.rows, codes.size(), values.size());
    // In two parts, as a host that encodes piece by piece.
    const std::size_t half = search.rows / 2;
    encode(search, 0, half, rows);
    encode(search, half, search.rows - half, rows);
    codes.write(rows.codes.span());
    values.write(rows.values.span());
    cosine_factors.write(rows.cosine_factors.span());
    dot_factors.write(rows.dot_factors.span());
    norms.write(rows.norms.span());
    norms_sq.write(rows.norms_sq.span());
  }

  TableParams params(Unit unit) const {
    TableParams table;
    table.codes = codes.get();
    table.values = encoding.codes_are_values ? codes.get() : values.get();
    table.factors = (unit == Unit::kCosine ? cosine_factors : dot_factors).get();
    table.weights = norms.or_null(is_weighted(unit));
    table.norms_sq = norms_sq.get();
    table.code_row_bytes = encoding.code_row_bytes;
    table.value_row_bytes = encoding.value_row_bytes;
    table.dim = encoding.dim;
    table.code_type = encoding.code_type;
    table.dtype = encoding.dtype;
    return table;
  }
  bool is_weighted(Unit unit) const {
    return unit == Unit::kDot && !has_exact_codes(encoding.dtype);
  }

  TableEncoding encoding;
  TableBounds bounds;

 private:
  // All rows, before they are sent.
  struct Encoded {
    Encoded(std::size_t rows, std::size_t code_bytes, std::size_t value_bytes)
        : codes(code_bytes),
          values(value_bytes),
          cosine_factors(rows),
          dot_factors(rows),
          norms(rows),
          norms_sq(rows) {}

    HostArray<std::byte> codes, values;
    HostArray<float> cosine_factors, dot_factors, norms;
    HostArray<double> norms_sq;
  };

  void encode(const SearchCase& search, std::size_t first, std::size_t count, Encoded& rows) {
    encode_rows(search.view(), first, count, encoding,
                {.codes = rows.codes.get() + first * encoding.code_row_bytes,
                 .values = rows.values.get() +
                           (encoding.codes_are_values ? 0 : first * encoding.value_row_bytes),
                 .cosine_factors = rows.cosine_factors.get() + first,
                 .dot_factors = rows.dot_factors.get() + first,
                 .norms = rows.norms.get() + first,
                 .norms_sq = rows.norms_sq.get() + first},
                bounds);
  }

  KernelArray<std::byte> codes, values;
  KernelArray<float> cosine_factors, dot_factors, norms;
  KernelArray<double> norms_sq;
};

}  // namespace kleio::cuda::tests
