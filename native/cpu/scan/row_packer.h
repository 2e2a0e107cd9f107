// Writes one embedding into a panel: codes, scales, norms and error bounds.
#pragma once

#include <cstddef>

#include "core/rows_view.h"
#include "cpu/scan/panel_chunk.h"

namespace kleio {

class RowPacker {
 public:
  explicit RowPacker(const RowsView& rows);

  // Begins to bring row `row` into the cache.
  void fetch(std::size_t row) const noexcept;

  // Packs row `row` into place `place` of the chunk. False if its norm is outside the
  // range in which float32 bounds of inner products hold.
  bool pack(std::size_t row, PanelChunk& chunk, std::size_t place) const noexcept;

 private:
  RowsView rows_;
  bool exact_;  // of its type, which no row asks again
};

}  // namespace kleio
