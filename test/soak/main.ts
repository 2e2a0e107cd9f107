/**
 * Everything at once, for as long as you like: users who append and search, rankings, trees that change, files
 * that are replaced, workers that come and go, aborts, misuse and a queue that is too short. A part of the
 * answers is held against the definitions; the process is looked at whenever nothing runs.
 *
 *   npm run build && npm run soak -- --minutes 30 [--seed 1] [--rounds 60]
 *
 * Ends with exit code 1 where an answer is wrong, and says so where memory, file descriptors or threads grow or do
 * not come back (test/soak/verdict.ts has the criterion); `--strict` makes that exit code 1 too.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { FileLane } from './file-lane.js';
import { HistoryLane } from './history-lane.js';
import { type Lane, randomOf, Tally } from './lane.js';
import { type ProcessSample, sampled, sampleText } from './process-sample.js';
import { RankingLane } from './ranking-lane.js';
import { TreeLane } from './tree-lane.js';
import { type Verdict, verdictOn } from './verdict.js';
import { WorkerLane } from './worker-lane.js';

const LANES = [HistoryLane, HistoryLane, RankingLane, TreeLane, FileLane, WorkerLane];
/** What compiles, and what the pool and allocators take once, is there before anything is compared. */
const FIRST_STEPS = 20;
/** For the system to take back what was freed. */
const AFTER_CLOSING_MS = 1500;

interface SoakOptions {
  readonly seconds: number;
  readonly rounds: number;
  readonly seed: number;
  readonly report: (line: string) => void;
}

async function soak(options: SoakOptions): Promise<{ tally: Tally; verdict: Verdict }> {
  const { seconds, rounds, seed, report } = options;
  const folder = mkdtempSync(join(tmpdir(), 'kleio-soak-'));
  const tally = new Tally();
  const begun = performance.now();
  const elapsed = () => (performance.now() - begun) / 1000;
  const during: ProcessSample[] = [];
  try {
    await firstSteps(seed, folder);
    const before = await sampled(0);
    report(`before  ${sampleText(before)}`);
    const lanes = lanesOf(seed, folder, tally);
    for (let round = 1; round <= rounds; ++round) {
      const until = begun + (1000 * seconds * round) / rounds;
      await Promise.all(lanes.map((lane) => stepsUntil(lane, until)));
      const sample = await sampled(elapsed());
      during.push(sample);
      report(`        ${sampleText(sample)}`);
    }
    await Promise.all(lanes.splice(0).map((lane) => lane.close()));
    await pause(AFTER_CLOSING_MS);
    const after = await sampled(elapsed());
    report(`closed  ${sampleText(after)}`);
    return { tally, verdict: verdictOn(before, during, after) };
  } finally {
    rmSync(folder, { recursive: true });
  }
}

function lanesOf(seed: number, folder: string, tally: Tally): Lane[] {
  return LANES.map((OneLane, index) => {
    const random = randomOf(seed, index);
    return new OneLane({ random, tally, folder: mkdtempSync(join(folder, 'lane-')) });
  });
}

async function firstSteps(seed: number, folder: string): Promise<void> {
  const lanes = lanesOf(seed, folder, new Tally());
  for (let step = 0; step < FIRST_STEPS; ++step) {
    await Promise.all(lanes.map((lane) => lane.step()));
  }
  for (const lane of lanes) await lane.close();
}

/** At least one. */
async function stepsUntil(lane: Lane, until: number): Promise<void> {
  do {
    await lane.step().catch((error: unknown) => {
      throw new Error(`${lane.name}: ${(error as Error).message}`, { cause: error });
    });
  } while (performance.now() < until);
}

async function main(): Promise<void> {
  const { values: given } = parseArgs({
    options: {
      minutes: { type: 'string', default: '1' },
      rounds: { type: 'string', default: '60' },
      seed: { type: 'string', default: String(Math.floor(Math.random() * 2 ** 31)) },
      strict: { type: 'boolean', default: false },
    },
  });
  // Read when the package is first used: a queue that is too short at times.
  process.env.KLEIO_QUEUE ??= '32';
  const [seconds, rounds, seed] = [
    60 * Number(given.minutes),
    Number(given.rounds),
    Number(given.seed),
  ];
  if (!(seconds > 0 && rounds >= 1 && Number.isInteger(seed))) throw new Error('no such soak');
  const report = (line: string) => void process.stdout.write(`${line}\n`);
  report(`seed ${seed}`);
  const { tally, verdict } = await soak({ seconds, rounds, seed, report });
  for (const [what, count] of Object.entries(tally.counts))
    report(`${String(count).padStart(10)} ${what}`);
  for (const line of verdict.lines) report(line);
  const said = (good: boolean | undefined) =>
    good === undefined ? 'unknown' : good ? 'yes' : 'NO';
  const { flat, sameCounts, givenBack } = verdict;
  report(
    `every answer right: yes; flat: ${said(flat)}; fds and threads: ${said(sameCounts)}; given back: ${said(givenBack)}`,
  );
  if (given.strict && !(flat !== false && sameCounts && givenBack)) process.exitCode = 1;
}

main().catch((error: unknown) => {
  process.stderr.write(`${error instanceof Error ? error.stack : String(error)}\n`);
  process.exitCode = 1;
});
