// Families of searches: those in which filters, thresholds, ties and buffers have gone wrong
// before.
#include <algorithm>
#include <array>
#include <cmath>
#include <limits>

#include "kernel_tests/search_case.h"

namespace kleio::cuda::tests {
namespace {

constexpr std::array kFamilies = {"gaussian",     "few values", "all equal",    "few rows",
                                  "rising",       "falling",    "late cluster", "wild norms",
                                  "all lowest",   "zeros",      "huge norms",   "one element",
                                  "wild elements"};

double gaussian(Random& random) {
  return std::normal_distribution<double>()(random);
}

// The value of one element, given a seed that is the row's own.
double family_value(const std::string& family, Random& random, std::uint32_t row,
                    std::uint32_t rows, std::uint32_t d, double row_scale) {
  if (family == "few values") return static_cast<double>(random() % 3) - 1;
  if (family == "all equal") return 0.25 * (d % 3) + 0.5;
  if (family == "rising" || family == "falling") {
    const double way = (row + 1.0) / rows;
    return d == 0 ? (family == "rising" ? way : 1 - way) : 0.3 * (d % 2);
  }
  if (family == "late cluster") {
    return row + 40 > rows ? 1 + 0.01 * gaussian(random) : gaussian(random);
  }
  if (family == "all lowest") return -3.2;
  if (family == "zeros") return row % 2 == 0 ? 0 : gaussian(random);
  if (family == "one element") return d == row % 7 ? 1 : 0;
  if (family == "wild elements") {
    return gaussian(random) * std::exp2(static_cast<double>(random() % 60) - 45);
  }
  if (family == "huge norms") {  // no float32 bound holds of their inner products
    if (row % 5 == 0) return 0;
    return gaussian(random) * std::exp2(static_cast<double>(random() % 40) + 40);
  }
  return gaussian(random) * row_scale;
}

UserCase random_user(Random& random, const SearchCase& search, const CaseLimits& limits) {
  UserCase user;
  user.packed = one_in(random, 4);
  user.slots = one_in(random, 8) ? 0 : draw(random, 1, std::min(limits.slots, search.rows));
  if (!user.packed) {
    for (std::uint32_t slot = 0; slot < user.slots; ++slot) {
      const bool emptied = one_in(random, 30);
      user.row_of_slot.push_back(emptied ? -1 : static_cast<std::int32_t>(random() % search.rows));
    }
    const std::uint32_t repeats = draw(random, 1, one_in(random, 3) ? 6 : 2);
    for (std::uint32_t i = 0; i < user.slots * repeats; ++i) {
      const auto slot = static_cast<std::int32_t>(random() % user.slots);
      const bool absent =
          one_in(random, 12) || user.row_of_slot[static_cast<std::size_t>(slot)] < 0;
      user.slot_of.push_back(absent ? -1 : slot);
    }
    if (one_in(random, 3)) {
      for (std::size_t i = 0; i < user.slot_of.size(); ++i) {
        user.times.push_back(static_cast<double>(random() % 100));
      }
    }
    if (one_in(random, 3)) {
      for (std::uint32_t slot = 0; slot < user.slots; ++slot) {
        user.excluded.push_back(one_in(random, 4));
      }
    }
  }
  const std::uint32_t targets = one_in(random, 8) ? 0 : draw(random, 1, limits.targets);
  for (std::uint32_t t = 0; t < targets; ++t) {
    if (one_in(random, 15)) {
      user.targets.emplace_back();
    } else if (one_in(random, 2)) {  // a row of the table
      const std::byte* row = search.view().row(random() % search.rows);
      user.targets.emplace_back(row, row + search.view().row_stride_bytes());
    } else {
      user.targets.push_back(random_row(random, search, draw(random, 0, search.rows - 1)));
    }
  }
  return user;
}

std::uint32_t random_k(Random& random) {
  switch (random() % 5) {
    case 0:
      return 1;
    case 1:
      return draw(random, 1, 10);
    case 2:
      return 1024;
    case 3:
      return draw(random, 1, 1024);
    default:
      return draw(random, 20, 100);
  }
}

}  // namespace

void store_near(std::byte* row, Dtype dtype, std::size_t d, double value) {
  with_element(dtype, [&]<typename Element>() {
    store_element<Element>(
        row, d,
        std::clamp(value, static_cast<double>(Element::kMin), static_cast<double>(Element::kMax)));
  });
}

std::vector<std::byte> random_row(Random& random, const SearchCase& shape, std::uint32_t row) {
  std::vector<std::byte> values(shape.view().row_stride_bytes());
  const double scale =
      shape.family == "wild norms" ? std::exp2(static_cast<double>(random() % 24) - 12) : 1;
  for (std::uint32_t d = 0; d < shape.dim; ++d) {
    const double value = family_value(shape.family, random, row, shape.rows, d, scale);
    store_near(values.data(), shape.dtype, d, has_exact_codes(shape.dtype) ? 40 * value : value);
  }
  return values;
}

SearchCase random_case(Random& random, const CaseLimits& limits) {
  SearchCase search;
  search.family = kFamilies[random() % kFamilies.size()];
  search.dtype = static_cast<Dtype>(random() % kDtypeCount);
  search.dim = one_in(random, 3) ? draw(random, 1, 9) * 16 : draw(random, 1, limits.dim);
  if (one_in(random, 12)) search.dim = 256;  // the longest int8 row that stays in registers
  search.rows = draw(random, 1, limits.slots);
  search.unit = one_in(random, 3) ? Unit::kDot : Unit::kCosine;
  search.k = random_k(random);
  search.distinct = one_in(random, 4);
  search.since = static_cast<double>(random() % 80);
  search.until = one_in(random, 2) ? std::numeric_limits<double>::infinity()
                                   : search.since + static_cast<double>(random() % 80);
  if (one_in(random, 4)) search.min_score = static_cast<float>(0.3 * gaussian(random));
  const std::uint32_t different = search.family == "few rows" ? 3 : search.rows;
  std::vector<std::vector<std::byte>> rows;
  for (std::uint32_t row = 0; row < search.rows; ++row) {
    rows.push_back(row < different ? random_row(random, search, row) : rows[row % different]);
    search.table.insert(search.table.end(), rows.back().begin(), rows.back().end());
  }
  const std::uint32_t users = one_in(random, 3) ? draw(random, 1, 4) : 1;
  for (std::uint32_t user = 0; user < users; ++user) {
    search.users.push_back(random_user(random, search, limits));
  }
  return search;
}

SearchCase long_case(Random& random, std::uint32_t k) {
  SearchCase search;
  search.family = "gaussian";
  search.dim = 32;
  search.rows = 9000;
  search.k = k;
  for (std::uint32_t row = 0; row < search.rows; ++row) {
    const auto values = random_row(random, search, row);
    search.table.insert(search.table.end(), values.begin(), values.end());
  }
  UserCase& user = search.users.emplace_back();
  user.packed = true;
  user.slots = search.rows;
  return search;
}

}  // namespace kleio::cuda::tests
