// Items of panels as bytes of a history have them (docs/history-bytes.md): chunk by chunk, a column
// for each number of an item, and then panels of codes. Whole chunks lie in the bytes as in memory.
#include <algorithm>
#include <array>
#include <atomic>
#include <cassert>
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

// Where what is said of the items of a chunk lies, in its part of the bytes.
struct ChunkLayout {
  ChunkLayout(std::size_t rows, std::size_t dim, bool exact) noexcept
      : rows(rows), floats(exact ? 2 : 5), numbers_end(rows * row_bytes()) {
    codes = (numbers_end + kCacheLine - 1) / kCacheLine * kCacheLine;
    end = codes + panels_of(rows) * panel_bytes(dim);
  }

  // Of the norms, and of the column `index` of floats in the order of a chunk.
  template <typename Byte>
  auto norm_sq(Byte* chunk) const noexcept {
    return cast<double>(chunk);
  }
  template <typename Byte>
  auto column(Byte* chunk, std::size_t index) const noexcept {
    return cast<float>(chunk + rows * (sizeof(double) + index * sizeof(float)));
  }

  std::size_t rows;
  std::size_t floats;
  std::size_t numbers_end;
  std::size_t codes = 0;
  std::size_t end = 0;

 private:
  std::size_t row_bytes() const noexcept { return sizeof(double) + floats * sizeof(float); }

  template <typename Value, typename Byte>
  static auto cast(Byte* at) noexcept {
    if constexpr (std::is_const_v<Byte>) {
      return reinterpret_cast<const Value*>(at);
    } else {
      return reinterpret_cast<Value*>(at);
    }
  }
};

// The chunks of `count` items.
struct Chunks {
  explicit Chunks(std::size_t count) noexcept : count(count) {}

  std::size_t size() const noexcept { return (count + kChunkRows - 1) / kChunkRows; }
  std::size_t whole() const noexcept { return count / kChunkRows; }
  // Items of the chunk with number `index`.
  std::size_t rows(std::size_t index) const noexcept {
    return std::min(kChunkRows, count - index * kChunkRows);
  }

  std::size_t count;
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

// Of a chunk that is not whole, whose bytes are at `from`.
void copy_part(const std::byte* from, const ChunkLayout& at, std::size_t dim, PanelChunk& chunk) {
  std::copy_n(at.norm_sq(from), at.rows, chunk.norm_sq());
  const auto columns = float_columns_of(chunk, at.floats == 2);
  for (std::size_t column = 0; column < at.floats; ++column) {
    std::copy_n(at.column(from, column), at.rows, columns[column]);
  }
  const auto* codes = reinterpret_cast<const std::uint8_t*>(from + at.codes);
  for (std::size_t panel = 0; panel < panels_of(at.rows); ++panel) {
    chunk.add_panel(codes + panel * panel_bytes(dim));
  }
}

// Of numbers that are not below 0, as many as a multiple of PanelChunk::kRowStep.
float maximum_of(const float* values, std::size_t count) noexcept {
  constexpr std::size_t kLanes = PanelChunk::kRowStep;
  std::array<float, kLanes> most{};
  for (std::size_t i = 0; i < count; i += kLanes) {
    for (std::size_t lane = 0; lane < kLanes; ++lane) {
      most[lane] = std::max(most[lane], values[i + lane]);
    }
  }
  return *std::ranges::max_element(most);
}

// Whether the numbers of a chunk's `rows` items, `first` and those behind it, are such as the
// packer could have written; makes the maxima of them. False if a norm is outside the range of
// bounded inner products.
bool accept_numbers(std::size_t first, std::size_t rows, PanelChunk& chunk, bool exact) {
  const double* const norms = chunk.norm_sq();
  require_each(rows, first, [&](std::size_t row) { return is_norm(norms[row]); });
  for (float* const scales : {chunk.cosine_scale(), chunk.dot_scale()}) {
    // Whatever the bytes say, no scan finds an item without direction.
    for (std::size_t row = 0; row < rows; ++row) {
      scales[row] = norms[row] == 0 ? kHiddenScale : scales[row];
    }
    require_each(rows, first,
                 [&](std::size_t row) { return (scales[row] >= 0) | (norms[row] == 0); });
  }
  if (exact) return true;
  const std::array<float*, 3> columns = {chunk.cosine_residual(), chunk.dot_residual(),
                                         chunk.norm()};
  const std::array<float*, 3> maxima = {chunk.cosine_residual_max(), chunk.dot_residual_max(),
                                        chunk.norm_max()};
  for (std::size_t i = 0; i < columns.size(); ++i) {
    const float* const values = columns[i];
    require_each(rows, first, [&](std::size_t row) { return values[row] >= 0; });
    for (std::size_t begin = 0; begin < rows; begin += kPanelRows) {
      maxima[i][begin / kPanelRows] = maximum_of(values + begin, chunk.stride());
    }
  }
  bool bounded = true;
  for (std::size_t row = 0; row < rows; ++row) {
    bounded &= (norms[row] == 0) | is_bounded_norm(std::sqrt(norms[row]));
  }
  return bounded;
}

}  // namespace

std::size_t PanelView::items_bytes(std::size_t count) const noexcept {
  const Chunks chunks(count);
  const std::size_t whole = chunks.whole() * ChunkLayout(kChunkRows, dim, exact).end;
  return whole + ChunkLayout(count % kChunkRows, dim, exact).end;
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
  const Chunks chunks(slots.size());
  const std::size_t whole = ChunkLayout(kChunkRows, dim, exact).end;
  context.parallel_for(chunks.size(), [&](std::size_t index) {
    context.throw_if_cancelled();
    write_chunk(slots.subspan(index * kChunkRows, chunks.rows(index)), out.data() + index * whole);
  });
}

void PanelView::write_chunk(std::span<const std::uint32_t> slots, std::byte* out) const noexcept {
  const ChunkLayout at(slots.size(), dim, exact);
  for (std::size_t i = 0; i < at.rows; ++i) {
    PanelChunk& chunk = *chunks_[slots[i] / kChunkRows];
    const std::size_t row = slots[i] % kChunkRows;
    at.norm_sq(out)[i] = chunk.norm_sq()[row];
    const auto columns = float_columns_of(chunk, exact);
    for (std::size_t column = 0; column < at.floats; ++column) {
      at.column(out, column)[i] = columns[column][row];
    }
  }
  std::memset(out + at.numbers_end, 0, at.codes - at.numbers_end);
  auto* const codes = reinterpret_cast<std::uint8_t*>(out + at.codes);
  for (std::size_t i = 0; i < at.rows; i += kPanelRows) {
    write_panel(slots.subspan(i, std::min(kPanelRows, at.rows - i)),
                codes + i / kPanelRows * panel_bytes(dim));
  }
}

std::vector<std::span<std::byte>> PanelStore::make_room(std::size_t count) {
  clear();
  PanelView& view = *present_;
  const Chunks chunks(count);
  view.resize(chunks.size());
  std::vector<std::span<std::byte>> room(chunks.whole());
  for (std::size_t index = 0; index < chunks.size(); ++index) {
    PanelView::ChunkPointer& chunk = view.chunks_[index];
    if (index < room.size()) {
      chunk = view.make_unwritten_chunk();
      room[index] = chunk->bytes();
      assert(room[index].size() == ChunkLayout(kChunkRows, view.dim, view.exact).end);
    } else {
      chunk = view.make_chunk(index > 0 ? kChunkRows : PanelChunk::rows_for(count));
    }
  }
  return room;
}

bool PanelStore::adopt_items(std::size_t count, std::span<const std::byte> items,
                             const CallContext& context) {
  PanelView& view = *present_;
  const std::size_t bytes = view.items_bytes(count);
  if (items.size() != bytes) {
    refuse_damaged(Section::kItems,
                   "has " + std::to_string(items.size()) + " bytes, not " + std::to_string(bytes));
  }
  const Chunks chunks(count);
  assert(view.chunks_.size() == chunks.size());
  std::atomic<bool> bounded{true};
  context.parallel_for(chunks.size(), [&](std::size_t index) {
    context.throw_if_cancelled();
    PanelChunk& chunk = *view.chunks_[index];
    const std::size_t rows = chunks.rows(index);
    if (index == chunks.whole()) {
      const ChunkLayout at(rows, view.dim, view.exact);
      copy_part(items.last(at.end).data(), at, view.dim, chunk);
    }
    if (!accept_numbers(index * kChunkRows, rows, chunk, view.exact)) {
      bounded.store(false, std::memory_order_relaxed);
    }
  });
  view.inner_products_bounded = bounded.load(std::memory_order_relaxed);
  view.slot_count = static_cast<std::uint32_t>(count);
  return true;
}

}  // namespace kleio
