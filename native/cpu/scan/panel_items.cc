// Items of panels as bytes of a history have them (docs/history-bytes.md): a column for each number
// of an item, and then whole panels of codes.
#include <algorithm>
#include <array>
#include <atomic>
#include <cmath>
#include <cstring>
#include <limits>
#include <string>
#include <type_traits>

#include "core/call_context.h"
#include "core/history_sections.h"
#include "core/norm_range.h"
#include "cpu/scan/panel_store.h"

namespace kleio {
namespace {

constexpr std::uint8_t kNoCode = 128;

constexpr std::size_t panels_of(std::size_t items) noexcept {
  return (items + kPanelRows - 1) / kPanelRows;
}

// Where the columns of `count` items lie.
struct ItemColumns {
  ItemColumns(std::size_t count, std::size_t dim, bool exact) noexcept
      : floats(exact ? 2 : 5), count(count) {
    const std::size_t numbers = count * (sizeof(double) + floats * sizeof(float));
    codes = (numbers + kCacheLine - 1) / kCacheLine * kCacheLine;
    end = codes + panels_of(count) * panel_bytes(dim);
  }

  // Of the norms, and of the column `index` of floats in the order of a chunk.
  template <typename Byte>
  auto norm_sq(Byte* items) const noexcept {
    return cast<double>(items);
  }
  template <typename Byte>
  auto column(Byte* items, std::size_t index) const noexcept {
    return cast<float>(items + count * (sizeof(double) + index * sizeof(float)));
  }

  std::size_t floats;
  std::size_t count;
  std::size_t codes = 0;
  std::size_t end = 0;

 private:
  template <typename Value, typename Byte>
  static auto cast(Byte* at) noexcept {
    if constexpr (std::is_const_v<Byte>) {
      return reinterpret_cast<const Value*>(at);
    } else {
      return reinterpret_cast<Value*>(at);
    }
  }
};

// In the order of the bytes.
std::array<float*, 5> float_columns_of(PanelChunk& chunk, bool exact) noexcept {
  if (exact) return {chunk.cosine_scale(), chunk.dot_scale()};
  return {chunk.cosine_scale(), chunk.dot_scale(), chunk.cosine_residual(), chunk.dot_residual(),
          chunk.norm()};
}

[[noreturn]] void refuse(std::size_t item) {
  refuse_damaged(Section::kItems, "has no norm and scales of slot " + std::to_string(item));
}

bool is_norm(double norm_sq) noexcept {
  return (norm_sq >= 0) & (norm_sq <= std::numeric_limits<double>::max());
}

// Whether good(row) for each, without a branch but for all; the items begin with `first`.
template <typename Good>
void require_each(std::size_t rows, std::size_t first, const Good& good) {
  bool all = true;
  for (std::size_t row = 0; row < rows; ++row) all &= good(row);
  for (std::size_t row = 0; row < rows && !all; ++row) {
    if (!good(row)) refuse(first + row);
  }
}

// The numbers of the items from `first` on, as the packer could have written them. False if a norm
// is outside the range of bounded inner products.
bool read_numbers(const std::byte* items, const ItemColumns& at, std::size_t first,
                  std::size_t rows, PanelChunk& chunk) {
  bool bounded = true;
  const bool exact = at.floats == 2;
  const double* const norms = at.norm_sq(items) + first;
  require_each(rows, first, [&](std::size_t row) { return is_norm(norms[row]); });
  for (std::size_t row = 0; row < rows && !exact; ++row) {
    if (norms[row] > 0) bounded &= is_bounded_norm(std::sqrt(norms[row]));
  }
  std::copy_n(norms, rows, chunk.norm_sq());
  const auto columns = float_columns_of(chunk, exact);
  for (std::size_t column = 0; column < at.floats; ++column) {
    const float* const from = at.column(items, column) + first;
    if (column < 2) {
      // Whatever the bytes say, no scan finds an item without direction.
      for (std::size_t row = 0; row < rows; ++row) {
        columns[column][row] = norms[row] == 0 ? kHiddenScale : from[row];
      }
      require_each(rows, first,
                   [&](std::size_t row) { return (from[row] >= 0) | (norms[row] == 0); });
    } else {
      std::copy_n(from, rows, columns[column]);
      require_each(rows, first, [&](std::size_t row) { return from[row] >= 0; });
    }
  }
  if (exact) return true;
  const std::array<float*, 3> maxima = {chunk.cosine_residual_max(), chunk.dot_residual_max(),
                                        chunk.norm_max()};
  for (std::size_t row = 0; row < rows; ++row) {
    for (std::size_t i = 0; i < maxima.size(); ++i) {
      float& maximum = maxima[i][row / kPanelRows];
      maximum = std::max(maximum, columns[2 + i][row]);
    }
  }
  return bounded;
}

}  // namespace

std::size_t PanelView::items_bytes(std::size_t count) const noexcept {
  return ItemColumns(count, dim, exact).end;
}

// Codes of up to a panel of slots; those of places without an item are no item's.
void PanelView::write_panel(std::span<const std::uint32_t> slots,
                            std::uint8_t* codes) const noexcept {
  const std::uint32_t begin = slots.front();
  const PanelChunk& first = *chunks_[begin / kChunkRows];
  std::size_t run = 0;
  while (run < slots.size() && slots[run] == begin + run) ++run;
  if (run == kPanelRows && begin % kPanelRows == 0 && first.stride() == kPanelRows) {
    const std::size_t panel = begin % kChunkRows / kPanelRows;
    std::memcpy(codes, first.codes + panel * panel_bytes(dim), panel_bytes(dim));
    return;
  }
  std::memset(codes, kNoCode, panel_bytes(dim));
  const std::size_t groups = groups_of(dim);
  for (std::size_t place = 0; place < slots.size(); ++place) {
    const PanelChunk& chunk = *chunks_[slots[place] / kChunkRows];
    const std::size_t row = slots[place] % kChunkRows;
    const std::size_t step = chunk.stride() * kGroupDims;
    const std::uint8_t* from =
        chunk.codes + row / kPanelRows * panel_bytes(dim) + row % kPanelRows * kGroupDims;
    std::uint8_t* to = codes + place * kGroupDims;
    for (std::size_t group = 0; group < groups; ++group) {
      std::memcpy(to, from, kGroupDims);
      from += step;
      to += kPanelRows * kGroupDims;
    }
  }
}

void PanelView::write_items(std::span<const std::uint32_t> slots, std::span<std::byte> out,
                            const CallContext& context) const {
  const ItemColumns at(slots.size(), dim, exact);
  std::byte* const items = out.data();
  const std::size_t numbers_end = slots.size() * (sizeof(double) + at.floats * sizeof(float));
  std::memset(items + numbers_end, 0, at.codes - numbers_end);
  context.parallel_for((slots.size() + kChunkRows - 1) / kChunkRows, [&](std::size_t index) {
    context.throw_if_cancelled();
    const std::size_t begin = index * kChunkRows;
    const std::size_t end = std::min(begin + kChunkRows, slots.size());
    for (std::size_t i = begin; i < end; ++i) {
      PanelChunk& chunk = *chunks_[slots[i] / kChunkRows];
      const std::size_t row = slots[i] % kChunkRows;
      at.norm_sq(items)[i] = chunk.norm_sq()[row];
      const auto columns = float_columns_of(chunk, exact);
      for (std::size_t column = 0; column < at.floats; ++column) {
        at.column(items, column)[i] = columns[column][row];
      }
    }
    for (std::size_t i = begin; i < end; i += kPanelRows) {
      write_panel(
          slots.subspan(i, std::min(kPanelRows, end - i)),
          reinterpret_cast<std::uint8_t*>(items + at.codes) + i / kPanelRows * panel_bytes(dim));
    }
  });
}

bool PanelStore::adopt_items(std::size_t count, std::span<const std::byte> items,
                             const CallContext& context) {
  clear();
  PanelView& view = *present_;
  const ItemColumns at(count, view.dim, view.exact);
  if (items.size() != at.end) {
    refuse_damaged(Section::kItems,
                   "has " + std::to_string(items.size()) + " bytes, not " + std::to_string(at.end));
  }
  const std::size_t chunks = (count + kChunkRows - 1) / kChunkRows;
  view.resize(chunks);
  std::atomic<bool> bounded{true};
  context.parallel_for(chunks, [&](std::size_t index) {
    context.throw_if_cancelled();
    const std::size_t first = index * kChunkRows;
    const std::size_t rows = std::min(kChunkRows, count - first);
    const std::size_t room = index > 0 ? kChunkRows : PanelChunk::rows_for(rows);
    auto chunk = view.make_chunk(room);
    if (!read_numbers(items.data(), at, first, rows, *chunk)) {
      bounded.store(false, std::memory_order_relaxed);
    }
    const auto* codes = reinterpret_cast<const std::uint8_t*>(items.data() + at.codes) +
                        first / kPanelRows * panel_bytes(view.dim);
    for (std::size_t panel = 0; panel < panels_of(rows); ++panel) {
      chunk->add_panel(codes + panel * panel_bytes(view.dim));
    }
    view.chunks_[index] = std::move(chunk);
  });
  view.inner_products_bounded = bounded.load(std::memory_order_relaxed);
  view.slot_count = static_cast<std::uint32_t>(count);
  return true;
}

}  // namespace kleio
