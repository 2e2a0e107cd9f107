/**
 * Makes a copy of the sources slower on purpose, to see whether the gate notices: the exact scan kernel
 * repeats calls, against thresholds that nothing reaches, until it has taken so many percent longer.
 * Answers stay what they are. Calls for a few targets are left alone: they are too short for a clock.
 */

import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

const FILE = join('native', 'cpu', 'isa.cc');
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
#include <x86intrin.h>

#include <algorithm>
#include <limits>

namespace kleio {
namespace {

constexpr std::size_t kFewestTargets = 12;
constexpr std::size_t kMostTargets = 1024;
const CpuKernels* true_table = nullptr;

std::int64_t cycles_of_scan(const Panel& panel, const TargetTile& targets,
                            CandidateTile& candidates) {
  const auto begin = __rdtsc();
  true_table->scan_exact(panel, targets, candidates);
  return static_cast<std::int64_t>(__rdtsc() - begin);
}

void slower_scan(const Panel& panel, const TargetTile& targets, CandidateTile& candidates) {
  if (targets.count < kFewestTargets) return true_table->scan_exact(panel, targets, candidates);
  thread_local std::int64_t owed_percent_cycles = 0;
  thread_local float thresholds[kMostTargets];
  thread_local std::uint32_t counts[kMostTargets];
  owed_percent_cycles += ${percent} * cycles_of_scan(panel, targets, candidates);
  while (owed_percent_cycles > 0) {
    std::fill_n(thresholds, targets.count, std::numeric_limits<float>::infinity());
    CandidateTile nothing;
    nothing.thresholds = thresholds;
    nothing.counts = counts;
    owed_percent_cycles -= 100 * cycles_of_scan(panel, targets, nothing);
  }
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
