// Canonical cosines between single rows of a table: what SimTier counts for behaviours that no scan
// has scored.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "core/table.h"
#include "cpu/scan/scan_kernels.h"
#include "cpu/simd/aligned_buffer.h"

namespace kleio {

// A row of the table with its canonical squared norm; 0 for a zero row, and for no row (-1).
struct SimilarityRow {
  std::int32_t row = -1;
  double norm_sq = 0;
};

SimilarityRow similarity_row(const Table& table, std::int32_t row);

// One a thread: it owns scratch memory.
class Similarity {
 public:
  // `others` outlive this and are compared with many targets.
  Similarity(const Table& table, const CpuKernels& kernels, std::span<const SimilarityRow> others);

  // cosines[i] of the target's row with others[i]; 0 where either has no direction, as in the
  // release.
  void cosines(const SimilarityRow& target, float* cosines);

 private:
  const Table& table_;
  const CpuKernels& kernels_;
  std::span<const SimilarityRow> others_;
  std::vector<float> widened_;      // [others][dim], float dtypes
  std::vector<const float*> rows_;  // into widened_
  std::vector<float> target_row_;
  std::vector<double> target_;
  std::vector<double> dots_;
};

}  // namespace kleio
