// A search as a test describes it, and the answer that follows from the definition alone.
#pragma once

#include <cstddef>
#include <cstdint>
#include <limits>
#include <random>
#include <string>
#include <utility>
#include <vector>

#include "core/dtype.h"
#include "core/matrix_view.h"
#include "core/search.h"
#include "core/select_width.h"

namespace kleio::cuda::tests {

using Random = std::mt19937_64;

// [low, high]
inline std::uint32_t draw(Random& random, std::uint32_t low, std::uint32_t high) {
  return low + static_cast<std::uint32_t>(random() % (high - low + 1));
}
inline bool one_in(Random& random, std::uint32_t n) {
  return random() % n == 0;
}

inline SelectWidth draw_width(Random& random) {
  return one_in(random, 2) ? SelectWidth::kWarp : SelectWidth::kBlock;
}

struct UserCase {
  bool packed = false;                    // slot = row = position; the next two are empty
  std::vector<std::int32_t> row_of_slot;  // -1: the slot was emptied
  std::vector<std::int32_t> slot_of;      // by position, -1: a behaviour without embedding
  std::vector<double> times;              // by position, or empty
  std::vector<bool> excluded;             // by slot, or empty
  std::uint32_t slots = 0;
  std::vector<std::vector<std::byte>> targets;  // embeddings, empty: absent
};

struct SearchCase {
  std::string family;
  Dtype dtype = Dtype::kInt8;
  std::uint32_t dim = 0;
  std::uint32_t rows = 0;
  std::vector<std::byte> table;  // [rows][dim]
  Unit unit = Unit::kCosine;
  std::uint32_t k = 1;
  float min_score = -std::numeric_limits<float>::infinity();
  double since = 0;  // of users with times, as the next line
  double until = 0;
  bool is_in_time(double time) const noexcept { return time >= since && time <= until; }
  bool distinct = false;
  std::vector<UserCase> users;

  MatrixView view() const { return {table.data(), rows, dim, dtype}; }
};

// Stores the finite element of the dtype that is nearest to `value`.
void store_near(std::byte* row, Dtype dtype, std::size_t d, double value);

// A row of a table that fits the family, by name of the family and place of the row.
std::vector<std::byte> random_row(Random& random, const SearchCase& shape, std::uint32_t row);

struct CaseLimits {
  std::uint32_t slots = 400;
  std::uint32_t dim = 96;
  std::uint32_t targets = 20;
};
SearchCase random_case(Random& random, const CaseLimits& limits);
// One user's history of 9000 different rows whose scores differ, without targets.
SearchCase long_case(Random& random, std::uint32_t k);

// Position and score, best first: [outputs][up to k], outputs counting targets of all users.
using Kept = std::vector<std::pair<std::int32_t, float>>;
std::vector<Kept> answers(const SearchCase& search);

}  // namespace kleio::cuda::tests
