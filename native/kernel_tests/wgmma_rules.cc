// What a kernel owes to wgmma: a product by a software block, of operands as host and kernels lay
// them out, equals a plain one; and each rule of its use that is broken is noticed.
#include <algorithm>
#include <array>
#include <cstring>
#include <stdexcept>
#include <string>
#include <vector>

#include "cuda/kernels/wgmma_layout.h"
#include "cuda/request/target_encoding.h"
#include "cuda/residency/table_encoding.h"
#include "cuda/software/execution_software.h"
#include "kernel_tests/check.h"
#include "kernel_tests/sections.h"

namespace kleio::cuda::tests {
namespace {

constexpr std::uint32_t kColumns = 128;

using Codes = std::vector<std::vector<std::int8_t>>;

Codes random_codes(Random& random, std::uint32_t rows, std::uint32_t dim) {
  const bool lowest = one_in(random, 8);
  Codes codes(rows, std::vector<std::int8_t>(dim));
  for (auto& row : codes) {
    for (std::int8_t& code : row)
      code = static_cast<std::int8_t>(lowest ? -128 : static_cast<int>(random()));
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

struct Rule {
  Broken broken;
  const char* noticed;  // part of what the software block says
};

constexpr std::array kRules = {
    Rule{Broken::kNoWaitForCopies, "still being copied"},
    Rule{Broken::kTooFewWaitedFor, "still being copied"},
    Rule{Broken::kNoAsyncFence, "without a fence of the async proxy"},
    Rule{Broken::kLateAsyncFence, "without a fence of the async proxy"},
    Rule{Broken::kNoBarrier, "multiplied without a barrier"},
    Rule{Broken::kNoFence, "registers that were used"},
    Rule{Broken::kNoCommit, "before their multiplication is done"},
    Rule{Broken::kNoWait, "is not the product"},
    Rule{Broken::kTooFewGroups, "before their multiplication is done"},
    Rule{Broken::kWrittenWhileRead, "written while multiplied"},
    Rule{Broken::kWrittenWithoutBarrier, "written without a barrier"},
    Rule{Broken::kTargetsWritten, "registers of A were written"},
    Rule{Broken::kCopiedOver, "written while a copy is on its way"},
    Rule{Broken::kOffStart, "off its boundary"},
};

// What the software block says of a product; nothing: all is well.
std::string said_of_product(Random& random, Broken broken) {
  const std::uint32_t dim = draw(random, 1, kSwizzleLine);
  const std::uint32_t row_bytes = code_row_bytes(CodeType::kInt8, dim);
  const Codes targets = random_codes(random, kWgmmaRows, dim);
  const Codes rows = random_codes(random, kColumns, dim);
  const std::vector<std::byte> codes = encoded_targets(targets, dim);
  try {
    Product(random, targets, codes, rows, row_bytes, broken).run();
    return "";
  } catch (const std::logic_error& error) {
    return error.what();
  }
}

}  // namespace

std::string check_wgmma_rules(Random& random) {
  constexpr int kProducts = 40;
  for (int i = 0; i < kProducts; ++i) {
    const std::string said = said_of_product(random, Broken::kNone);
    require(said.empty(), "a product: %s", said.c_str());
  }
  for (const Rule& rule : kRules) {
    const std::string said = said_of_product(random, rule.broken);
    require(said.find(rule.noticed) != std::string::npos, "not '%s' but '%s'", rule.noticed,
            said.c_str());
  }
  return std::to_string(kRules.size()) + " rules";
}

}  // namespace kleio::cuda::tests
