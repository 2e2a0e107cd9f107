// wgmma in software: the maps of its operands, exhaustively, its product against a plain one and
// against that of mma.sync, and the rules of its use, each of them broken once.
#include <algorithm>
#include <array>
#include <bit>
#include <cstring>
#include <stdexcept>
#include <vector>

#include "cuda/kernels/wgmma_layout.h"
#include "cuda/request/target_encoding.h"
#include "cuda/residency/table_encoding.h"
#include "cuda/software/execution_software.h"
#include "cuda/software/software_wgmma.h"
#include "kernel_tests/check.h"
#include "kernel_tests/sections.h"

namespace kleio::cuda::tests {
namespace {

constexpr std::uint32_t kColumns = 128;

// Every element is held once, by one thread.
void check_registers() {
  std::array<std::array<bool, kWgmmaDepth>, kWgmmaRows> held{};
  for (std::uint32_t thread = 0; thread < kWarpgroupThreads; ++thread) {
    for (std::uint32_t i = 0; i < 4; ++i) {
      for (std::uint32_t byte = 0; byte < 4; ++byte) {
        const MatrixPlace place = wgmma_a_place(thread, i);
        require(place.row < kWgmmaRows && place.column + byte < kWgmmaDepth, "beyond A");
        bool& here = held[place.row][place.column + byte];
        require(!here, "A[%u][%u] is held twice", place.row, place.column + byte);
        here = true;
      }
    }
  }
  for (const std::uint32_t columns : {8u, 16u, 24u, 32u, 48u, 128u, 240u, 256u}) {
    std::vector<bool> sums(kWgmmaRows * columns);
    for (std::uint32_t thread = 0; thread < kWarpgroupThreads; ++thread) {
      for (std::uint32_t i = 0; i < columns / 2; ++i) {
        const MatrixPlace place = wgmma_sum_place(thread, i);
        require(place.row < kWgmmaRows && place.column < columns, "beyond D");
        require(!sums[place.row * columns + place.column], "a sum is held twice");
        sums[place.row * columns + place.column] = true;
      }
    }
  }
}

std::uint32_t bank_group(std::uint32_t offset) {
  return offset / kSwizzleChunk % 8;
}

// Chunks fill their lines, and eight that are read or written at once lie in all banks.
void check_swizzle() {
  constexpr std::uint32_t kLines = 256;
  std::vector<bool> taken(kLines * 8);
  for (std::uint32_t column = 0; column < kLines; ++column) {
    std::uint32_t written = 0;
    for (std::uint32_t chunk = 0; chunk < 8; ++chunk) {
      const std::uint32_t offset = wgmma_b_offset(column, chunk);
      require(offset % kSwizzleChunk == 0 && offset / kSwizzleLine == column, "off its line");
      require(!taken[offset / kSwizzleChunk], "two chunks lie at %u", offset);
      taken[offset / kSwizzleChunk] = true;
      written |= 1u << bank_group(offset);
    }
    require(written == 0xff, "a line is written with conflicts");
    if (column % 8 != 0) continue;
    for (std::uint32_t chunk = 0; chunk < 8; ++chunk) {
      std::uint32_t read = 0;
      for (std::uint32_t i = 0; i < 8; ++i) {
        read |= 1u << bank_group(wgmma_b_offset(column + i, chunk));
      }
      require(read == 0xff, "a core matrix is read with conflicts");
    }
  }
}

// The fields of a descriptor, and what it leads to.
void check_descriptors() {
  require(wgmma_b_descriptor(0x400, 0) == 0x4000004000010040, "a descriptor's bits");
  require(wgmma_b_descriptor(0x38c00, 3) == 0x40000040000138c6, "a descriptor's bits");
  for (std::uint32_t address = 0; address < 228 * 1024; address += 9 * kSwizzlePattern) {
    for (std::uint32_t step = 0; step < kSwizzleLine / kWgmmaDepth; ++step) {
      const std::uint64_t descriptor = wgmma_b_descriptor(address, step);
      for (std::uint32_t column = 0; column < 256; ++column) {
        for (std::uint32_t word = 0; word < kWgmmaWords; ++word) {
          const std::uint32_t k = step * kWgmmaDepth + 4 * word;
          const std::uint32_t expected =
              address + wgmma_b_offset(column, k / kSwizzleChunk) + k % kSwizzleChunk;
          require(wgmma_b_address(descriptor, column, word) == expected,
                  "column %u, byte %u of k is looked for elsewhere", column, k);
        }
      }
    }
  }
}

using Codes = std::vector<std::vector<std::int8_t>>;

Codes random_codes(Random& random, std::uint32_t rows, std::uint32_t dim) {
  const bool lowest = one_in(random, 8);
  Codes codes(rows, std::vector<std::int8_t>(dim));
  for (auto& row : codes) {
    for (std::int8_t& code : row) code = static_cast<std::int8_t>(lowest ? -128 : random());
  }
  return codes;
}

std::int32_t plain_product(const std::vector<std::int8_t>& a, const std::vector<std::int8_t>& b) {
  std::int32_t sum = 0;
  for (std::size_t d = 0; d < std::min(a.size(), b.size()); ++d) sum += a[d] * b[d];
  return sum;
}

// As the host sends them.
std::vector<std::byte> encoded_targets(const Codes& targets, std::uint32_t dim) {
  const TableEncoding encoding = choose_encoding({nullptr, 0, dim, Dtype::kInt8});
  const auto count = static_cast<std::uint32_t>(targets.size());
  std::vector<std::byte> codes(target_code_bytes(encoding, count));
  std::vector<TargetRecord> records(count);
  const TargetEncoder encoder(encoding, {}, Unit::kDot, 0);
  for (std::uint32_t first = 0; first < count; first += kTileTargets) {
    TargetTile tile;
    tile.count = kTileTargets;
    for (std::uint32_t g = 0; g < kTileTargets; ++g) {
      tile.embeddings[g] = reinterpret_cast<const std::byte*>(targets[first + g].data());
    }
    encoder.encode(tile, first / kTileTargets, {codes.data(), nullptr, records.data()});
  }
  return codes;
}

// A warpgroup's product is that of its four warps' mma.sync, fragment by fragment.
void require_warp_products(const WgmmaRegisters& a,
                           const std::vector<std::array<std::uint32_t, kWgmmaWords>>& b,
                           const std::vector<std::vector<std::int32_t>>& sums) {
  for (std::uint32_t warp = 0; warp < 4; ++warp) {
    for (std::uint32_t first = 0; first < b.size(); first += 8) {
      WarpFragments<std::int32_t> fragments;
      for (std::uint32_t lane = 0; lane < 32; ++lane) {
        const auto& column = b[first + lane / 4];
        fragments.a[lane] = a[32 * warp + lane];
        fragments.b[lane] = {column[lane % 4], column[4 + lane % 4]};
        fragments.c[lane] = {0, 0, 0, 0};
      }
      multiply_add_int8(fragments);
      for (std::uint32_t lane = 0; lane < 32; ++lane) {
        for (std::uint32_t i = 0; i < 4; ++i) {
          require(sums[32 * warp + lane][first / 2 + i] == fragments.c[lane][i],
                  "wgmma and mma.sync differ");
        }
      }
    }
  }
}

void check_instruction(Random& random) {
  WgmmaRegisters a;
  for (auto& registers : a) {
    for (std::uint32_t& word : registers) word = static_cast<std::uint32_t>(random());
  }
  std::vector<std::array<std::uint32_t, kWgmmaWords>> b(256);
  for (auto& column : b) {
    for (std::uint32_t& word : column) word = static_cast<std::uint32_t>(random());
  }
  std::vector<std::vector<std::int32_t>> sums(kWarpgroupThreads,
                                              std::vector<std::int32_t>(b.size() / 2));
  multiply_wgmma(a, b, sums);
  require_warp_products(a, b, sums);
}

// The rules that a kernel may break.
enum class Broken {
  kNone,
  kNoWaitForCopies,
  kTooFewWaitedFor,
  kNoAsyncFence,
  kLateAsyncFence,
  kNoBarrier,
  kNoFence,
  kNoCommit,
  kNoWait,
  kTooFewGroups,
  kWrittenWhileRead,
  kWrittenWithoutBarrier,
  kTargetsWritten,
  kCopiedOver,
  kOffStart,
};

// 64 targets times 128 rows, by a block of one warpgroup.
class Product {
  using Block = SoftwareBlock<kWarpgroupThreads>;

 public:
  Product(Random& random, const Codes& targets, const std::vector<std::byte>& target_codes,
          const Codes& rows, std::uint32_t row_bytes, Broken broken)
      : block_(0, kColumns * kSwizzleLine + kSwizzlePattern, random()),
        targets_(targets),
        target_codes_(target_codes),
        rows_(rows),
        row_bytes_(row_bytes),
        broken_(broken) {}

  // Throws std::logic_error where a rule is broken.
  void run() {
    block_.each([&](std::uint32_t thread) { load_targets(thread); });
    copy();
    if (broken_ != Broken::kNoFence) block_.wgmma_fence();
    multiply();
    if (broken_ != Broken::kNoCommit) block_.wgmma_commit();
    if (broken_ == Broken::kTargetsWritten) {
      block_.each([&](std::uint32_t thread) { ++state_[thread].a[0][0]; });
    }
    if (broken_ == Broken::kWrittenWhileRead) {
      block_.barrier();
      overwrite();
    }
    const auto sums = [&](std::uint32_t thread) -> std::int32_t (&)[kColumns / 2] {
      return state_[thread].sums;
    };
    if (broken_ == Broken::kTooFewGroups) {
      block_.wgmma_wait<1, kColumns>(sums);
    } else if (broken_ != Broken::kNoWait) {
      block_.wgmma_wait<0, kColumns>(sums);
    }
    if (broken_ == Broken::kWrittenWithoutBarrier) overwrite();
    require_products();
  }

 private:
  struct State {
    std::uint32_t a[kSwizzleLine / kWgmmaDepth][4];
    std::int32_t sums[kColumns / 2];
  };

  void load_targets(std::uint32_t thread) {
    for (std::uint32_t step = 0; step < row_bytes_ / kWgmmaDepth; ++step) {
      for (std::uint32_t i = 0; i < 4; ++i) {
        const MatrixPlace place = wgmma_a_place(thread, i);
        state_[thread].a[step][i] = Block::load_word(
            target_codes_.data() +
            target_word_offset(place.row, step * kWgmmaDepth + place.column, row_bytes_));
      }
    }
  }

  void copy() {
    alignas(16) std::array<std::byte, kSwizzleChunk> chunk_of_row;
    block_.each([&](std::uint32_t thread) {
      for (std::uint32_t chunk = 0; chunk < row_bytes_ / kSwizzleChunk; ++chunk) {
        chunk_of_row.fill(std::byte{0});
        const auto& row = rows_[thread];
        const std::size_t first = std::min<std::size_t>(chunk * kSwizzleChunk, row.size());
        const std::size_t end = std::min<std::size_t>(first + kSwizzleChunk, row.size());
        std::memcpy(chunk_of_row.data(), row.data() + first, end - first);
        block_.copy_async(kStart + wgmma_b_offset(thread, chunk), chunk_of_row.data(), true);
        if (broken_ == Broken::kCopiedOver) {
          block_.copy_async(kStart + wgmma_b_offset(thread, chunk), chunk_of_row.data(), true);
        }
      }
    });
    block_.commit_copies();
    if (broken_ == Broken::kTooFewWaitedFor) {
      block_.wait_copies<1>();
    } else if (broken_ != Broken::kNoWaitForCopies) {
      block_.wait_copies<0>();
    }
    const bool fences = broken_ != Broken::kNoAsyncFence && broken_ != Broken::kLateAsyncFence;
    if (fences) block_.fence_async();
    if (broken_ != Broken::kNoBarrier) block_.barrier();
    if (broken_ == Broken::kLateAsyncFence) block_.fence_async();
  }

  void multiply() {
    const std::uint32_t off = broken_ == Broken::kOffStart ? kSwizzleLine : 0;
    const std::uint32_t address = Block::shared_address(kStart) - off;
    for (std::uint32_t step = 0; step < row_bytes_ / kWgmmaDepth; ++step) {
      block_.wgmma<kColumns>([&](std::uint32_t thread) {
        return WgmmaOperands<kColumns>{state_[thread].sums, state_[thread].a[step],
                                       wgmma_b_descriptor(address, step), step > 0};
      });
    }
  }

  void overwrite() {
    const auto words = block_.shared<std::uint32_t>(kStart, 256);
    block_.each([&](std::uint32_t thread) { words.set(thread, 0); });
  }

  void require_products() {
    for (std::uint32_t thread = 0; thread < kWarpgroupThreads; ++thread) {
      for (std::uint32_t i = 0; i < kColumns / 2; ++i) {
        const MatrixPlace place = wgmma_sum_place(thread, i);
        if (state_[thread].sums[i] != plain_product(targets_[place.row], rows_[place.column])) {
          throw std::logic_error("a sum is not the product");
        }
      }
    }
  }

  static constexpr std::uint32_t kStart = kSwizzlePattern;

  Block block_;
  const Codes& targets_;
  const std::vector<std::byte>& target_codes_;
  const Codes& rows_;
  const std::uint32_t row_bytes_;
  const Broken broken_;
  Block::PerThread<State> state_;
};

bool is_product(Random& random, Broken broken) {
  const std::uint32_t dim = draw(random, 1, kSwizzleLine);
  const std::uint32_t row_bytes = code_row_bytes(CodeType::kInt8, dim);
  const Codes targets = random_codes(random, kWgmmaRows, dim);
  const Codes rows = random_codes(random, kColumns, dim);
  try {
    const std::vector<std::byte> codes = encoded_targets(targets, dim);
    Product(random, targets, codes, rows, row_bytes, broken).run();
    return true;
  } catch (const std::logic_error& error) {
    require(broken != Broken::kNone, "a product: %s", error.what());
    return false;
  }
}

}  // namespace

std::string check_wgmma(Random& random) {
  constexpr int kProducts = 40;
  check_registers();
  check_swizzle();
  check_descriptors();
  for (int i = 0; i < kProducts; ++i) {
    check_instruction(random);
    is_product(random, Broken::kNone);
  }
  for (int rule = 1; rule <= static_cast<int>(Broken::kOffStart); ++rule) {
    require(!is_product(random, static_cast<Broken>(rule)), "broken rule %d is not noticed", rule);
  }
  return std::to_string(kProducts) + " products";
}

}  // namespace kleio::cuda::tests
