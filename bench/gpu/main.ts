/** `bench/gpu.sh`, which says how it is called. */

import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';

import { machineOf } from '../harness/environment.js';
import { gpuOfThisMachine, nameInFiles } from './gpu.js';
import type { Outcome } from './job.js';
import { recordOf } from './record.js';
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
  const seed = env.KLEIO_SEED ?? String(Math.floor(Math.random() * 2 ** 31));
  const machine = machineOf(ROOT);
  results.describe({ gpu: gpu ?? null, machine });
  say(`== ${stage}, ${gpu?.name ?? 'no GPU'}, KLEIO_SEED=${seed}, ${seconds} s\n`);
  process.once('SIGTERM', () => process.exit(143));
  process.once('SIGINT', () => process.exit(130));
  env.KLEIO_BINARY = join(ROOT, 'build-cuda', 'Release', 'kleio.node');
  const outcomes = await runStage(
    {
      jobs: jobsOf(stage, seed),
      over: AbortSignal.timeout(1000 * seconds),
      seed,
      commit: machine.commit,
      has,
      anyway,
      print: say,
    },
    results,
  );
  report([]);
  if (gpu === undefined && stage !== 'cpu') return 2;
  return statusOf(outcomes);
}

function statusOf(outcomes: readonly Outcome[]): number {
  if (outcomes.some(({ ending }) => ending === 'failed' || ending === 'hung')) return 1;
  return outcomes.some(({ ending }) => ending === 'no time') ? 3 : 0;
}

/** What is known of one GPU: here, in the archive of the last call, and in one that came with the kit. */
function resultsOf(gpu: string): ResultsFolder {
  const archive = `kleio-${gpu}.tar.gz`;
  const results = new ResultsFolder(join(ROOT, '.cache', 'gpu', gpu), join(out, archive));
  if (env.KLEIO_GPU_KIT !== undefined) results.takeOver(join(env.KLEIO_GPU_KIT, archive));
  return results;
}

/** Of every GPU that something is known of: the tables, and the record as OUT/gpu.json. */
function report(archives: readonly string[]): number {
  const folder = join(ROOT, '.cache', 'gpu');
  mkdirSync(folder, { recursive: true });
  for (const archive of archives) {
    const [, gpu] = /kleio-([a-z0-9-]+)\.tar\.gz$/.exec(archive) ?? [];
    const path = resolve(calledFrom, archive);
    if (gpu === undefined || !existsSync(path)) {
      process.stderr.write(`bench/gpu.sh: ${archive} is no archive of results\n`);
      return 2;
    }
    resultsOf(gpu).takeOver(path);
  }
  const gpus = readdirSync(folder).filter((name) => existsSync(join(folder, name, 'jobs')));
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
