/** Runs sweeps in this process, and those under other instruction sets in processes of their own. */

import { execFile } from 'node:child_process';
import { promisify } from 'node:util';

import { notOneOf } from '../../support/options.js';
import type { BenchCase } from './case.js';
import { type Axes, basePoint, pointsOf } from './point.js';
import type { Measurement } from './results.js';
import { type Bench, runCase } from './run-case.js';
import type { Sweep } from './sweeps.js';

export interface SweepRun extends Bench {
  readonly cases: readonly BenchCase[];
  readonly threads: number;
  /** The command line and Node.js options that run the benchmark again under another KLEIO_ISA. */
  readonly again: readonly string[];
  readonly onPoint: (sweep: string, done: number, all: number) => void;
}

export function caseNamed(cases: readonly BenchCase[], name: string): BenchCase {
  const found = cases.find((benchCase) => benchCase.name === name);
  if (found !== undefined) return found;
  const names = cases.map((benchCase) => benchCase.name);
  throw notOneOf('case', name, names);
}

export async function runSweeps(sweeps: readonly Sweep[], run: SweepRun): Promise<Measurement[]> {
  const measurements: Measurement[] = [];
  for (const sweep of sweeps) {
    if (sweep.isas === undefined) {
      measurements.push(...(await runHere(sweep, run)));
      continue;
    }
    for (const [index, isa] of sweep.isas.entries()) {
      run.onPoint(`${sweep.name} ${isa}`, index, sweep.isas.length);
      measurements.push(...(await runUnder(isa, sweep, run)));
    }
  }
  return measurements;
}

async function runHere({ name, case: caseName, axes }: Sweep, run: SweepRun) {
  const benchCase = caseNamed(run.cases, caseName);
  const points = pointsOf(basePoint(run.threads), axes);
  const measurements: Measurement[] = [];
  for (const [index, point] of points.entries()) {
    run.onPoint(name, index, points.length);
    measurements.push(await runCase(benchCase, name, point, run));
  }
  return measurements;
}

async function runUnder(isa: string, sweep: Sweep, run: SweepRun): Promise<Measurement[]> {
  const { relative, mostSeconds } = run.precision;
  const words = [
    ...run.again,
    sweep.case,
    '--json',
    ...['--seed', String(run.workload.seed), '--precision', String(relative)],
    ...['--seconds', String(mostSeconds)],
    ...axisWords(sweep.axes),
  ];
  const { stdout } = await promisify(execFile)(process.execPath, words, {
    env: { ...process.env, KLEIO_ISA: isa, KLEIO_THREADS: String(run.threads) },
    maxBuffer: 2 ** 28,
  });
  const { measurements } = JSON.parse(stdout) as { measurements: Measurement[] };
  return measurements.map((measurement) => ({ ...measurement, sweep: sweep.name }));
}

const axisWords = (axes: Axes): string[] =>
  Object.entries(axes).flatMap(([axis, values]) => [`--${axis}`, values.join(',')]);
