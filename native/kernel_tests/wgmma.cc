// wgmma in software: the maps of its operands, exhaustively, and its product against that of
// mma.sync.
#include <array>
#include <vector>

#include "cuda/kernels/wgmma_layout.h"
#include "cuda/software/software_mma.h"
#include "cuda/software/software_wgmma.h"
#include "kernel_tests/check.h"
#include "kernel_tests/sections.h"

namespace kleio::cuda::tests {
namespace {

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

}  // namespace

std::string check_wgmma(Random& random) {
  constexpr int kProducts = 40;
  check_registers();
  check_swizzle();
  check_descriptors();
  for (int i = 0; i < kProducts; ++i) check_instruction(random);
  return std::to_string(kProducts) + " products";
}

}  // namespace kleio::cuda::tests
