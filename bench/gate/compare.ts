/** Two builds against each other: several processes, a decision for each case. */

import { execFile } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';

import { buildSync } from 'esbuild';

import { median } from '../../lib/bench/harness/statistics.js';
import { uniformStream } from '../../lib/bench/harness/uniform.js';
import { ROOT } from './builds.js';
import { type Decision, decide } from './decide.js';
import { gateCases } from './gate-cases.js';
import type { ProcessQuestion, ProcessReport } from './pairs.js';

export interface CompareOptions {
  readonly base: string;
  readonly head: string;
  /** Fails on a slowdown whose interval lies above this. */
  readonly threshold: number;
  /** About, without the builds. */
  readonly seconds: number;
  readonly seed: number;
  /** Default 6. */
  readonly processes?: number;
}

export interface CaseDecision extends Decision {
  readonly name: string;
  readonly baseMs: number;
  readonly pairs: number;
}

export interface GateReport {
  readonly decisions: readonly CaseDecision[];
  readonly skipped: ProcessReport['skipped'];
  readonly seconds: number;
}

/** Of a process that measures nothing: loading, drawing data, preparing. */
const SET_UP_SECONDS = 0.9;
const PROGRAM = join(ROOT, '.cache', 'gate', 'measure-pairs.cjs');

export async function compareBuilds(options: CompareOptions): Promise<GateReport> {
  const begun = performance.now();
  bundleProgram();
  const { base, head, processes = 6 } = options;
  const uniform = uniformStream(options.seed);
  const measuring = Math.max(1, options.seconds - processes * SET_UP_SECONDS);
  const milliseconds = (1000 * measuring) / (processes * gateCases.length);
  const reports: ProcessReport[] = [];
  for (let index = 0; index < processes; ++index) {
    const seed = Math.floor(uniform() * 2 ** 31);
    reports.push(await runProcess({ base, head, seed, milliseconds, verify: index === 0 }));
  }
  const decisions = gateCases.flatMap(({ name }) => {
    const found = reports.flatMap(({ cases }) =>
      cases.filter((measured) => measured.name === name),
    );
    if (found.length === 0) return [];
    const logRatios = found.map((measured) => measured.logRatios);
    return {
      name,
      baseMs: median(found.map(({ baseMs }) => baseMs)),
      pairs: logRatios.flat().length,
      ...decide(logRatios, options.threshold, uniform),
    };
  });
  const seconds = (performance.now() - begun) / 1000;
  return { decisions, skipped: reports[0]!.skipped, seconds };
}

/** Once, so that no process spends its time on compiling. */
function bundleProgram(): void {
  mkdirSync(dirname(PROGRAM), { recursive: true });
  buildSync({
    entryPoints: [join(__dirname, 'measure-pairs.ts')],
    outfile: PROGRAM,
    bundle: true,
    platform: 'node',
    target: 'node20',
    logLevel: 'warning',
  });
}

async function runProcess(question: ProcessQuestion): Promise<ProcessReport> {
  const words = [PROGRAM, JSON.stringify(question)];
  const { stdout } = await promisify(execFile)(process.execPath, words, { maxBuffer: 2 ** 28 });
  return JSON.parse(stdout) as ProcessReport;
}
