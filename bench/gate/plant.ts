/**
 * Makes a copy of the sources slower on purpose, to see whether the gate notices: of every hundred calls
 * of the exact scan kernel some do their arithmetic twice, the second time against thresholds that
 * nothing reaches. Answers stay what they are; time and instructions of the kernel grow by that share.
 */

import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

const FILE = join('native', 'cpu', 'isa.cc');
const FUNCTION = 'const CpuKernels& kernels_for(Isa isa) noexcept {';

export function plantSlowdown(folder: string, percentOfCalls: number): void {
  const path = join(folder, FILE);
  const parts = readFileSync(path, 'utf8').split(FUNCTION);
  if (parts.length !== 2) throw new Error(`${FILE} has no place for a planted slowdown any more`);
  const [before, after] = parts as [string, string];
  const renamed = FUNCTION.replace('const', 'static const').replace('kernels_for', 'true_kernels');
  writeFileSync(path, `${before}${renamed}${after}${planted(percentOfCalls)}`);
}

const planted = (percentOfCalls: number): string => `
#include <algorithm>
#include <limits>

namespace kleio {
namespace {

constexpr std::size_t kMostTargets = 1024;
const CpuKernels* true_table = nullptr;

void scan_and_again(const Panel& panel, const TargetTile& targets, CandidateTile& candidates) {
  true_table->scan_exact(panel, targets, candidates);
  thread_local unsigned due = 0;
  if ((due += ${percentOfCalls}) < 100) return;
  due -= 100;
  thread_local float thresholds[kMostTargets];
  thread_local std::uint32_t counts[kMostTargets];
  std::fill_n(thresholds, kMostTargets, std::numeric_limits<float>::infinity());
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
    table.scan_exact = scan_and_again;
    return table;
  }();
  return slower;
}

}  // namespace kleio
`;
