import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { resolve } from 'node:path';
import { defineConfig } from 'vitest/config';
import { exhaustive } from './test/cases/extent.js';
import { SOFTWARE_BINARY } from './test/cases/software-device.js';
import { extendedTestFiles } from './test/run/extended-test-files.js';
import { sayingWhatIsLeftOut } from './test/run/left-out.js';
import { LongestFirst } from './test/run/longest-first.js';

const root = __dirname;

/** Nothing that is tested is bounded by a clock: what takes this long hangs. */
const HANG_MS = 3_600_000;

/** Promises about results are tested once per instruction set: the level is chosen when a process loads the binary. */
const PER_ISA = [
  'test/canonical-score.test.ts',
  'test/exactness.test.ts',
  'test/extended-search.test.ts',
  'test/golden.test.ts',
  'test/golden-ranker.test.ts',
  'test/ranker.test.ts',
  'test/exact-search-unit.test.ts',
  'test/history-life.test.ts',
  'test/ranker-determinism.test.ts',
  'test/determinism.test.ts',
  'test/tree-scorer.test.ts',
];

/** Promises about what lies on a device. */
const ON_DEVICE = ['test/device/**/*.test.ts'];

const { KLEIO_BINARY: givenBinary, KLEIO_TEST_DEVICE: givenDevice } = process.env;
if (givenBinary && !existsSync(givenBinary)) {
  throw new Error(`KLEIO_BINARY=${givenBinary}: there is no such file`);
}

/** Instruction sets of the kernels: those of this machine, and all that the binary holds. */
const { supported: isas, held } = instructionSets();
const fastest = isas.at(-1) as string;
// One seed for all projects: every instruction set sees the same cases.
const seed = process.env.KLEIO_SEED ?? String(Math.floor(Math.random() * 2 ** 31));
process.env.KLEIO_SEED = seed;
announce(`KLEIO_SEED=${seed}, instruction sets of this machine: ${isas.join(', ')}`);

interface Project {
  readonly name: string;
  readonly include: readonly string[];
  readonly exclude?: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
}

/** More threads than the machine may have: the division of work must not matter. */
const settings = (isa: string) => ({ KLEIO_ISA: isa, KLEIO_THREADS: '3', KLEIO_SEED: seed });

const ofTheCpu: readonly Project[] = [
  { name: 'promises', include: ['test/**/*.test.ts'], exclude: [...PER_ISA, ...ON_DEVICE] },
  ...isas.map((isa) => ({ name: isa, include: PER_ISA, env: settings(isa) })),
];

const ofTheDevice = (env: Readonly<Record<string, string>>): Project => ({
  name: 'device',
  include: [
    ...PER_ISA,
    ...ON_DEVICE,
    'test/history-build.test.ts',
    'test/history-bytes.test.ts',
    'test/lifetime.test.ts',
    'test/many.test.ts',
    'test/grown-ranker.test.ts',
    'test/short-histories.test.ts',
    'test/table-growth.test.ts',
    // On the software device test/device/workers.test.ts does it at that device's pace.
    ...(givenDevice ? ['test/workers.test.ts'] : []),
  ],
  env: { ...settings(fastest), ...env },
});

/**
 * A run tests the binary that it was given: where KLEIO_TEST_DEVICE names a device, on that device and
 * nowhere else; otherwise on the CPU, beside the software device if no binary was given, since that
 * device has a binary of its own.
 */
function projectsOfThisRun(): readonly Project[] {
  if (givenDevice) return [ofTheDevice({})];
  if (givenBinary) return ofTheCpu;
  return [...ofTheCpu, ofTheDevice({ KLEIO_TEST_DEVICE: 'cuda:0', KLEIO_BINARY: SOFTWARE_BINARY })];
}

function absentProjects(): string[] {
  if (givenDevice) return ['the CPU: a run without KLEIO_TEST_DEVICE'];
  const absent = held
    .filter((isa) => !isas.includes(isa))
    .map((isa) => `a processor with ${isa}: its tests of results (${PER_ISA.length} files)`);
  if (givenBinary) return [...absent, 'a run without KLEIO_BINARY: the tests of devices'];
  return [
    ...absent,
    'an NVIDIA GPU: the tests of devices, here in software (bench/gpu.sh correct)',
  ];
}

const extended = extendedTestFiles();
/** Test files that somebody else runs, as globs between commas: --exclude does not reach projects. */
const excluded = process.env.KLEIO_TEST_EXCLUDE?.split(',') ?? [];

export default defineConfig({
  plugins: [sayingWhatIsLeftOut({ exhaustive, extended, absentProjects: absentProjects() })],
  resolve: { alias: { kleio: resolve(root, 'dist/index.js') } },
  test: {
    pool: 'forks',
    // One more than processors: files wait for programs of their own.
    poolOptions: { forks: { maxForks: availableParallelism() + 1 } },
    sequence: { sequencer: LongestFirst },
    // Tests that wait for programs of their own.
    maxConcurrency: 2,
    testTimeout: HANG_MS,
    hookTimeout: HANG_MS,
    teardownTimeout: HANG_MS,
    setupFiles: [resolve(root, 'test/cases/instrumented.ts')],
    server: { deps: { external: [/\/dist\/index\.js$/] } },
    projects: projectsOfThisRun().map(({ name, include, exclude, env = {} }) => ({
      extends: true as const,
      test: {
        name,
        include: [...include],
        exclude: [...excluded, ...(exclude ?? [])],
        env,
      },
    })),
  },
});

/** Asked in another process: a binary that cannot load must not take the test runner with it. */
function instructionSets(): { readonly supported: string[]; readonly held: string[] } {
  const script = `
    const { binary, supportedIsas } = require('./dist/index.js').inspect();
    const held = require(require('node:path').resolve(binary)).isas;
    process.stdout.write(JSON.stringify({ supported: supportedIsas, held }));
  `;
  const { KLEIO_ISA: _, ...env } = process.env;
  const answer = execFileSync(process.execPath, ['-e', script], { cwd: root, env });
  return JSON.parse(answer.toString()) as ReturnType<typeof instructionSets>;
}

/** This file is read again for every project, but says it once. */
function announce(line: string): void {
  if (process.env.KLEIO_ANNOUNCED) return;
  process.env.KLEIO_ANNOUNCED = 'yes';
  console.log(line);
}
