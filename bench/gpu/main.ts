/** `bench/gpu.sh`, which says how it is called. */

import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';

import { machineOf } from '../../lib/bench/harness/environment.js';
import { gpuOfThisMachine, nameInFiles } from './gpu.js';
import { recordOf } from './gpu-record.js';
import type { Outcome } from './job.js';
import { ResultsFolder } from './results-folder.js';
import { runStage } from './run-stage.js';
import { jobsOf, STAGES, type StageName } from './stages.js';
import { readableRecord } from './tables.js';
import { has } from './tools.js';

const ROOT = join(__dirname, '..', '..');
/** Less than the ten minutes for which machines are often lent at a time. */
const SECONDS = '540';

const { env } = process;
const calledFrom = env.KLEIO_GPU_CALLED_FROM ?? process.cwd();
/** Where results are kept from one call to the next, of each GPU in a folder. */
const STATE = env.KLEIO_GPU_STATE ?? join(ROOT, '.cache', 'gpu');
const out = resolve(calledFrom, env.KLEIO_GPU_OUT ?? join(ROOT, 'gpu-results'));

async function main(): Promise<number> {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: {
      seconds: { type: 'string', default: SECONDS },
      // Goes on without a GPU: what loads is seen up to the first call of the driver.
      anyway: { type: 'boolean', default: false },
    },
  });
  const [stage, ...archives] = positionals;
  const seconds = Number(values.seconds);
  if (stage === 'report') return report(archives);
  if (!isStage(stage) || archives.length > 0 || !(seconds > 0)) return usage();
  return run(stage, seconds, values.anyway);
}

const isStage = (name: string | undefined): name is StageName =>
  STAGES.some((known) => known === name);

function usage(): number {
  const lines = readFileSync(join(ROOT, 'bench', 'gpu.sh'), 'utf8')
    .split('\n')
    .slice(1);
  const comment = lines.slice(
    0,
    lines.findIndex((line) => !line.startsWith('#')),
  );
  process.stderr.write(`${comment.map((line) => line.replace(/^# ?/, '')).join('\n')}\n`);
  return 2;
}

async function run(stage: StageName, seconds: number, anyway: boolean): Promise<number> {
  const gpu = gpuOfThisMachine();
  const results = resultsOf(nameInFiles(gpu));
  takeOverFromKit(results, nameInFiles(gpu));
  const seed = env.KLEIO_SEED ?? String(Math.floor(Math.random() * 2 ** 31));
  const machine = machineOf(ROOT);
  results.describe({ gpu: gpu ?? null, machine });
  say(`== ${stage}, ${gpu?.name ?? 'no GPU'}, KLEIO_SEED=${seed}, ${seconds} s\n`);
  env.KLEIO_BINARY = join(ROOT, 'build-cuda', 'Release', 'kleio.node');
  const asked = new AbortController();
  for (const signal of ['SIGTERM', 'SIGINT'] as const) process.once(signal, () => asked.abort());
  const over = AbortSignal.any([AbortSignal.timeout(1000 * seconds), asked.signal]);
  const { commit } = machine;
  const outcomes = await runStage(
    { jobs: jobsOf(stage, seed), over, seed, commit, has, anyway, print: say },
    results,
  );
  report([]);
  if (asked.signal.aborted) return 143;
  if (gpu === undefined && stage !== 'cpu') return 2;
  return statusOf(outcomes);
}

function statusOf(outcomes: readonly Outcome[]): number {
  if (outcomes.some(({ ending }) => ending === 'failed' || ending === 'hung')) return 1;
  return outcomes.some(({ ending }) => ending === 'no time') ? 3 : 0;
}

/** What is known of one GPU: here, and in the archive of the last call. */
function resultsOf(gpu: string): ResultsFolder {
  return new ResultsFolder(join(STATE, gpu), join(out, archiveOf(gpu)));
}

const archiveOf = (gpu: string): string => `kleio-${gpu}.tar.gz`;

/** What came with the kit, from another machine. */
function takeOverFromKit(results: ResultsFolder, gpu: string): void {
  if (env.KLEIO_GPU_KIT === undefined) return;
  const archive = join(env.KLEIO_GPU_KIT, archiveOf(gpu));
  if (!existsSync(archive)) return;
  try {
    results.takeOver(archive);
  } catch (error) {
    process.stderr.write(`bench/gpu.sh: ${archive} cannot be read: ${String(error)}\n`);
  }
}

/** Of every GPU that something is known of: the tables, and the record as OUT/gpu.json. */
function report(archives: readonly string[]): number {
  for (const archive of archives) {
    const [, gpu] = /kleio-([a-z0-9-]+)\.tar\.gz$/.exec(archive) ?? [];
    const path = resolve(calledFrom, archive);
    if (gpu === undefined || !existsSync(path)) {
      process.stderr.write(`bench/gpu.sh: ${archive} is no archive of results\n`);
      return 2;
    }
    resultsOf(gpu).takeOver(path);
  }
  mkdirSync(STATE, { recursive: true });
  const gpus = readdirSync(STATE).filter((name) => existsSync(join(STATE, name, 'about.json')));
  const record = { format: 1, gpus: gpus.map((gpu) => recordOf(resultsOf(gpu))) };
  mkdirSync(out, { recursive: true });
  writeFileSync(join(out, 'gpu.json'), `${JSON.stringify(record, undefined, 2)}\n`);
  for (const one of record.gpus) say(readableRecord(one));
  return 0;
}

function say(text: string): void {
  process.stdout.write(text);
}

main().then(
  (status) => {
    process.exitCode = status;
  },
  (error: unknown) => {
    process.stderr.write(`bench/gpu.sh: ${error instanceof Error ? error.stack : String(error)}\n`);
    process.exitCode = 1;
  },
);
