// Which instance of a scan serves a search: the one choice both executions make.
#pragma once

#include <cstdint>

#include "cuda/kernels/row_products.cuh"

namespace kleio::cuda {

// Whether the rows of a search stay in registers while targets pass.
constexpr bool has_resident_shape(std::uint32_t code_row_bytes, bool weighted) noexcept {
  return !weighted && code_row_bytes <= 4 * kCodeChunkBytes;
}

// As with_scan_shape, of searches whose rows stay in registers.
template <CodeType kCode, typename Visit>
auto with_resident_shape(const SearchParams& search, Visit&& visit) {
  if (search.row_tiles == 1) return visit.template operator()<ScanShape<kCode, 1, 4, false>>();
  return search.row_tiles == 4 ? visit.template operator()<ScanShape<kCode, 4, 2, false>>()
                               : visit.template operator()<ScanShape<kCode, 2, 4, false>>();
}

// Calls visit.template operator()<Shape>() with the shape for `search` and returns what it returns.
// Rows of up to 128 bytes keep four fragments of 16 rows in registers, of up to 256 bytes two; a
// narrow tile, chosen for short histories and large K, keeps one. Weights come with inner products
// of float tables alone, which are rare enough to be streamed.
template <CodeType kCode, typename Visit>
auto with_scan_shape(const SearchParams& search, Visit&& visit) {
  const bool narrow = search.row_tiles == 1;
  if constexpr (kCode != CodeType::kInt8) {
    if (search.lower != nullptr) {
      return narrow ? visit.template operator()<ScanShape<kCode, 1, 0, true>>()
                    : visit.template operator()<ScanShape<kCode, 2, 0, true>>();
    }
  }
  if (search.table.code_row_bytes > 4 * kCodeChunkBytes) {
    return narrow ? visit.template operator()<ScanShape<kCode, 1, 0, false>>()
                  : visit.template operator()<ScanShape<kCode, 2, 0, false>>();
  }
  return with_resident_shape<kCode>(search, visit);
}

// Fragments of 16 rows in the wide tile of a search: SearchParams::row_tiles is this or 1.
constexpr std::uint32_t wide_row_tiles(std::uint32_t code_row_bytes, bool weighted) noexcept {
  return !weighted && code_row_bytes <= 2 * kCodeChunkBytes ? 4 : 2;
}

// The longest row that an append takes: it has resident shapes alone.
inline constexpr std::uint32_t kMaxListedRowBytes = 4 * kCodeChunkBytes;

// Whether there is an append with wgmma (cuda/kernels/wgmma_append.cuh).
constexpr bool has_wgmma_append(CodeType code, std::uint32_t code_row_bytes) noexcept {
  return code == CodeType::kInt8 && code_row_bytes <= 2 * kCodeChunkBytes;
}

// The same for an append.
template <CodeType kCode, typename Visit>
auto with_append_shape(const SearchParams& search, Visit&& visit) {
  return wide_row_tiles(search.table.code_row_bytes, false) == 4
             ? visit.template operator()<ScanShape<kCode, 4, 2, false>>()
             : visit.template operator()<ScanShape<kCode, 2, 4, false>>();
}

}  // namespace kleio::cuda
