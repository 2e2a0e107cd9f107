/**
 * Makes a copy of the sources slower on purpose, to see whether the gate notices: of every hundred
 * calls of the exact scan kernel some are made twice, the second time against thresholds that nothing
 * reaches. Answers stay what they are, and the same instructions are added in every run. Calls for a few
 * targets are left alone.
 */

import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

const FILE = join('native', 'cpu', 'levels', 'isa.cc');
const FUNCTION = 'const Isa& choose_isa(std::string_view forced) {';

export function plantSlowdown(folder: string, percent: number): void {
  const path = join(folder, FILE);
  const parts = readFileSync(path, 'utf8').split(FUNCTION);
  if (parts.length !== 2) throw new Error(`${FILE} has no place for a planted slowdown any more`);
  const [before, after] = parts as [string, string];
  const renamed = FUNCTION.replace('const', 'static const').replace('choose_isa', 'true_isa');
  writeFileSync(path, `${before}${renamed}${after}${planted(percent)}`);
}

const planted = (percent: number): string => `
#include <algorithm>
#include <limits>

namespace kleio {
namespace {

constexpr std::size_t kMinTargets = 12;
constexpr std::size_t kMaxTargets = 1024;
const Isa* true_level = nullptr;

void slower_scan(const Panel& panel, const TargetTile& targets, CandidateTile& candidates) {
  true_level->kernels.scan_exact(panel, targets, candidates);
  thread_local unsigned due = 0;
  thread_local float thresholds[kMaxTargets];
  thread_local std::uint32_t counts[kMaxTargets];
  if (targets.count < kMinTargets || (due += ${percent}) < 100) return;
  due -= 100;
  std::fill_n(thresholds, targets.count, std::numeric_limits<float>::infinity());
  CandidateTile nothing;
  nothing.thresholds = thresholds;
  nothing.counts = counts;
  true_level->kernels.scan_exact(panel, targets, nothing);
}

}  // namespace

const Isa& choose_isa(std::string_view forced) {
  static const Isa slower = [forced] {
    true_level = &true_isa(forced);
    Isa level = *true_level;
    level.kernels.scan_exact = slower_scan;
    return level;
  }();
  return slower;
}

}  // namespace kleio
`;
