/**
 * Makes a copy of the sources slower on purpose, to see whether the gate notices: of every hundred
 * calls of the exact scan kernel some are made twice, the second time against thresholds that nothing
 * reaches. Answers stay what they are, and the same instructions are added in every run. Calls for a few
 * targets are left alone.
 */

import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

const FILE = join('native', 'cpu', 'simd', 'isa.cc');
const FUNCTION = 'const CpuKernels& kernels_for(Isa isa) noexcept {';

export function plantSlowdown(folder: string, percent: number): void {
  const path = join(folder, FILE);
  const parts = readFileSync(path, 'utf8').split(FUNCTION);
  if (parts.length !== 2) throw new Error(`${FILE} has no place for a planted slowdown any more`);
  const [before, after] = parts as [string, string];
  const renamed = FUNCTION.replace('const', 'static const').replace('kernels_for', 'true_kernels');
  writeFileSync(path, `${before}${renamed}${after}${planted(percent)}`);
}

const planted = (percent: number): string => `
#include <algorithm>
#include <limits>

namespace kleio {
namespace {

constexpr std::size_t kFewestTargets = 12;
constexpr std::size_t kMaxTargets = 1024;
const CpuKernels* true_table = nullptr;

void slower_scan(const Panel& panel, const TargetTile& targets, CandidateTile& candidates) {
  true_table->scan_exact(panel, targets, candidates);
  thread_local unsigned due = 0;
  thread_local float thresholds[kMaxTargets];
  thread_local std::uint32_t counts[kMaxTargets];
  if (targets.count < kFewestTargets || (due += ${percent}) < 100) return;
  due -= 100;
  std::fill_n(thresholds, targets.count, std::numeric_limits<float>::infinity());
  CandidateTile nothing;
  nothing.thresholds = thresholds;
  nothing.counts = counts;
  true_table->scan_exact(panel, targets, nothing);
}

}  // namespace

const CpuKernels& kernels_for(Isa isa) noexcept {
  static const CpuKernels slower = [isa] {
    true_table = &true_kernels(isa);
    CpuKernels table = *true_table;
    table.scan_exact = slower_scan;
    return table;
  }();
  return slower;
}

}  // namespace kleio
`;
