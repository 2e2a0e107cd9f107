/**
 * One process of the gate: loads both versions, and measures every case with one and the other by turns,
 * in random order. What the machine does meanwhile happens to both. Where their tables lie in memory
 * does not change within a process, so the gate asks several.
 */

import { join } from 'node:path';

import type { Kleio, Prepared } from '../../lib/bench/harness/case.js';
import { median } from '../../lib/bench/harness/statistics.js';
import { shuffled, type Uniform, uniformStream } from '../../lib/bench/harness/uniform.js';
import { Workload } from '../../lib/bench/harness/workload.js';
import { type GateCase, gateCases } from './gate-cases.js';
import type { CasePairs, ProcessQuestion, ProcessReport } from './pairs.js';

type Side = 'base' | 'head';
type Sides = Readonly<Record<Side, Prepared<unknown>>>;

const SIDES: readonly Side[] = ['base', 'head'];
/** Long enough for the clock, short enough that a disturbance meets one pair. */
const WINDOW_MS = 0.7;
/** Of each side's windows the quickest counts: what others do to the machine only ever adds. */
const WINDOWS_OF_A_PAIR = 5;
const TURNS = SIDES.flatMap((side) => Array<Side>(WINDOWS_OF_A_PAIR).fill(side));
const WARM_UP_CALLS = 20;

async function main(): Promise<void> {
  const question = JSON.parse(process.argv[2]!) as ProcessQuestion;
  const uniform = uniformStream(question.seed);
  const order = shuffled(SIDES, uniform);
  const loaded = Object.fromEntries(
    order.map((side) => [side, require(join(question[side], 'dist', 'index.js'))]),
  ) as Record<Side, Kleio>;
  const asked = gateCases.filter(({ name }) => question.names?.includes(name) ?? true);
  const cases: CasePairs[] = [];
  const skipped: { name: string; reason: string }[] = [];
  const workload = new Workload(question.seed);
  for (const gateCase of shuffled(asked, uniform)) {
    const sides = await prepared(gateCase, loaded, workload, uniform);
    if (sides instanceof Error) {
      skipped.push({ name: gateCase.name, reason: sides.message.split('\n')[0]! });
      continue;
    }
    cases.push(await measuredPairs(gateCase.name, sides, question, uniform));
    for (const side of SIDES) sides[side].close();
  }
  const report: ProcessReport = { cases, skipped };
  process.stdout.write(JSON.stringify(report));
}

async function prepared(
  { case: benchCase, point }: GateCase,
  loaded: Readonly<Record<Side, Kleio>>,
  workload: Workload,
  uniform: Uniform,
): Promise<Sides | Error> {
  const sides: Partial<Record<Side, Prepared<unknown>>> = {};
  for (const side of shuffled(SIDES, uniform)) {
    try {
      sides[side] = await benchCase.prepare({ kleio: loaded[side], point, workload });
    } catch (error) {
      return new Error(`${side}: ${error instanceof Error ? error.message : String(error)}`);
    }
  }
  return sides as Sides;
}

async function measuredPairs(
  name: string,
  sides: Sides,
  { verify, milliseconds }: ProcessQuestion,
  uniform: Uniform,
): Promise<CasePairs> {
  for (const side of SIDES) {
    for (let call = 0; call < WARM_UP_CALLS; ++call) await sides[side].call();
    if (verify) sides[side].verify(await sides[side].call());
  }
  const calls = callsPerWindow(sides.base);
  const logRatios: number[] = [];
  const baseMs: number[] = [];
  const end = performance.now() + milliseconds;
  do {
    const best = { base: Number.POSITIVE_INFINITY, head: Number.POSITIVE_INFINITY };
    for (const side of shuffled(TURNS, uniform)) {
      best[side] = Math.min(best[side], windowMs(sides[side], calls));
    }
    logRatios.push(Math.log(best.head / best.base));
    baseMs.push(best.base);
  } while (performance.now() < end);
  return { name, logRatios, baseMs: median(baseMs) };
}

function callsPerWindow(side: Prepared<unknown>): number {
  const begun = performance.now();
  let calls = 0;
  do {
    side.call();
    ++calls;
  } while (performance.now() - begun < WINDOW_MS);
  return calls;
}

/** Milliseconds of a call; the gate's cases answer at once. */
function windowMs(side: Prepared<unknown>, calls: number): number {
  const begun = performance.now();
  for (let call = 0; call < calls; ++call) side.call();
  return (performance.now() - begun) / calls;
}

void main();
