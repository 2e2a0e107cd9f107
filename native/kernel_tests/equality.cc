#include "kernel_tests/equality.h"

#include <cstring>

#include "kernel_tests/check.h"

namespace kleio::cuda::tests {

void require_equal(const SearchCase& search, const DeviceAnswer& found,
                   const std::vector<Kept>& expected, const char* how) {
  require(found.kept.size() == expected.size(), "%s: %zu targets of %zu", how, found.kept.size(),
          expected.size());
  for (std::size_t t = 0; t < expected.size(); ++t) {
    const Kept& is = found.kept[t];
    const Kept& should = expected[t];
    require(is.size() == should.size(),
            "%s, %s, dtype %s, dim %u, k %u: target %zu keeps %zu of %zu", how,
            search.family.c_str(), name_of(search.dtype), search.dim, search.k, t, is.size(),
            should.size());
    for (std::size_t i = 0; i < should.size(); ++i) {
      const bool same = is[i].first == should[i].first &&
                        std::memcmp(&is[i].second, &should[i].second, sizeof(float)) == 0;
      require(same,
              "%s, %s, dtype %s, dim %u, k %u: target %zu, place %zu is %d (%.9g), not %d (%.9g)",
              how, search.family.c_str(), name_of(search.dtype), search.dim, search.k, t, i,
              is[i].first, static_cast<double>(is[i].second), should[i].first,
              static_cast<double>(should[i].second));
    }
  }
}

}  // namespace kleio::cuda::tests
