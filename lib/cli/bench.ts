/** `kleio bench`: what this machine does with kleio, and what it could do at best. */

import { join, relative } from 'node:path';

import type { Kleio } from '../bench/harness/case.js';
import { cases } from '../bench/harness/case-list.js';
import { machineOf } from '../bench/harness/environment.js';
import { readableMeasurements } from '../bench/harness/measurements-text.js';
import type { Axes } from '../bench/harness/point.js';
import type { Report } from '../bench/harness/results.js';
import { Roofline } from '../bench/harness/roofline.js';
import { type Bench, withFloors } from '../bench/harness/run-case.js';
import { caseNamed, runSweeps } from '../bench/harness/run-sweeps.js';
import { type Sweep, standardSweeps } from '../bench/harness/sweeps.js';
import { Workload } from '../bench/harness/workload.js';
import { measureOverheads } from '../bench/overheads/measure-overheads.js';
import { readableOverheads } from '../bench/overheads/overheads-text.js';
import { machinePeak } from '../binding/machine-peak.js';
import { writeNewFile } from '../binding/new-file.js';
import * as library from '../index.js';
import { codedError } from '../support/errors.js';
import { Progress } from '../text/progress.js';

export interface BenchOptions extends Axes {
  readonly quick?: boolean;
  readonly overheads?: boolean;
  readonly list?: boolean;
  readonly isa?: readonly string[];
  readonly seconds?: number;
  readonly precision: number;
  readonly seed: number;
  readonly out?: string;
  readonly json?: boolean;
}

const AXES = [
  'targets',
  'length',
  'dim',
  'k',
  'dtype',
  'unit',
  'threads',
  'device',
  'cache',
] as const;
const OVERHEAD_BEHAVIOURS = 100_000;
const PACKAGE_FOLDER = join(__dirname, '..');

export async function runBench(names: readonly string[], options: BenchOptions): Promise<void> {
  if (options.list) return printCases(names, options.json === true);
  const report = await measuredReport(names, options);
  const json = `${JSON.stringify(report, undefined, 2)}\n`;
  // Shown first: what was measured for minutes is not lost where the file cannot be written.
  process.stdout.write(options.json ? json : readable(report));
  if (options.out !== undefined) writeNewFile(options.out, json);
}

function readable(report: Report): string {
  const { overheads } = report;
  return readableMeasurements(report) + (overheads ? readableOverheads(overheads) : '');
}

function printCases(names: readonly string[], asJson: boolean): void {
  const named = names.length === 0 ? cases : names.map((name) => caseNamed(cases, name));
  if (asJson) {
    const list = named.map(({ name, about, axes }) => ({ name, about, axes }));
    process.stdout.write(`${JSON.stringify(list, undefined, 2)}\n`);
    return;
  }
  for (const { name, about, axes } of named) {
    process.stdout.write(`${name}: ${about}\n    ${axes.map((axis) => `--${axis}`).join(' ')}\n`);
  }
}

async function measuredReport(names: readonly string[], options: BenchOptions): Promise<Report> {
  const begun = performance.now();
  const machine = machineOf(PACKAGE_FOLDER);
  const { version, binary: path, isa, supportedIsas, threads } = library.inspect();
  // A record is read elsewhere: where the package lay says nothing there.
  const binary = path === null ? null : relative(PACKAGE_FOLDER, path);
  const roofline = new Roofline(machinePeak);
  const bench: Bench = {
    kleio: library as Kleio,
    workload: new Workload(options.seed),
    roofline,
    precision: {
      relative: options.precision,
      mostSeconds: options.seconds ?? (options.quick ? 0.5 : 3),
      fewestCalls: 5,
    },
  };
  const sweeps = sweepsOf(names, options, { threads, isas: supportedIsas });
  const progress = new Progress();
  let current = '';
  const onPoint = (sweep: string, done: number, all: number) => {
    if (sweep !== current) progress.start(sweep, all);
    else progress.step();
    current = done + 1 < all ? sweep : '';
  };
  const again = [process.argv[1]!, 'bench'];
  try {
    const run = { ...bench, cases, threads, again, onPoint };
    const measurements = withFloors(await runSweeps(sweeps, run), roofline);
    const overheads = wantsOverheads(names, options)
      ? await measureOverheads({
          ...bench,
          length: options.quick ? 10_000 : OVERHEAD_BEHAVIOURS,
          seconds: options.quick ? 2 : 20,
          onStep: (what) => progress.start(what, 1),
        })
      : undefined;
    const seconds = (performance.now() - begun) / 1000;
    const peaks = roofline.peaks;
    const ran = { version, binary, isa, supportedIsas, threads };
    const recorded = { format: 1, machine, ...ran, seed: options.seed, seconds, peaks } as const;
    return { ...recorded, measurements, ...(overheads && { overheads }) };
  } finally {
    progress.stop();
  }
}

/** With the standard sweeps, or by themselves where they are asked for. */
function wantsOverheads(names: readonly string[], options: BenchOptions): boolean {
  return options.overheads ?? (names.length === 0 && givenAxes(options).length === 0);
}

const givenAxes = (options: BenchOptions) => AXES.filter((axis) => options[axis] !== undefined);

/** What was asked for by name or axis; otherwise the standard sweeps. */
function sweepsOf(
  names: readonly string[],
  options: BenchOptions,
  { threads, isas }: { readonly threads: number; readonly isas: readonly string[] },
): Sweep[] {
  const given = givenAxes(options);
  if (options.overheads && names.length === 0 && given.length === 0) return [];
  if (names.length === 0 && given.length === 0 && options.isa === undefined) {
    return standardSweeps({ quick: options.quick === true, threads, isas });
  }
  const axes = Object.fromEntries(given.map((axis) => [axis, options[axis]])) as Axes;
  return (names.length > 0 ? names : ['search']).map((name) => {
    const known = caseNamed(cases, name).axes;
    const unknown = given.find((axis) => !known.includes(axis));
    if (unknown === undefined) {
      return { name: 'as asked', case: name, axes, ...(options.isa && { isas: options.isa }) };
    }
    throw codedError(
      'ERR_KLEIO_ARGUMENT',
      `the case '${name}' has no axis '${unknown}'; it has ${known.join(', ')}`,
    );
  });
}
