import { execFileSync } from 'node:child_process';
import { availableParallelism } from 'node:os';
import { resolve } from 'node:path';
import { defineConfig } from 'vitest/config';

const root = __dirname;

/** Promises about results are tested once per instruction set: the level is chosen when a process loads the binary. */
const PER_ISA = [
  'test/exactness.test.ts',
  'test/golden.test.ts',
  'test/golden-ranker.test.ts',
  'test/ranker.test.ts',
  'test/exact-search-unit.test.ts',
  'test/ranker-determinism.test.ts',
  'test/determinism.test.ts',
  'test/tree-scorer.test.ts',
];

/** Promises about what lies on a device. */
const ON_DEVICE = ['test/device/**/*.test.ts'];

const isas = supportedIsas();
// One seed for all projects: every instruction set sees the same cases.
const seed = process.env.KLEIO_SEED ?? String(Math.floor(Math.random() * 2 ** 31));
process.env.KLEIO_SEED = seed;
announce(`KLEIO_SEED=${seed}, instruction sets of this machine: ${isas.join(', ')}`);

export default defineConfig({
  resolve: { alias: { kleio: resolve(root, 'dist/index.js') } },
  test: {
    pool: 'forks',
    poolOptions: { forks: { maxForks: Math.max(2, availableParallelism() - 1) } },
    testTimeout: 120_000,
    server: { deps: { external: [/\/dist\/index\.js$/] } },
    projects: [
      {
        extends: true,
        test: {
          name: 'promises',
          include: ['test/**/*.test.ts'],
          exclude: [...PER_ISA, ...ON_DEVICE],
        },
      },
      {
        extends: true,
        test: {
          name: 'device',
          include: [
            ...PER_ISA,
            ...ON_DEVICE,
            'test/history-build.test.ts',
            'test/lifetime.test.ts',
            'test/many.test.ts',
          ],
          env: {
            ...deviceEnvironment(),
            KLEIO_ISA: isas.at(-1) as string,
            KLEIO_THREADS: '3',
            KLEIO_SEED: seed,
          },
        },
      },
      ...isas.map((isa) => ({
        extends: true as const,
        test: {
          name: isa,
          include: PER_ISA,
          // More threads than the machine may have: the division of work must not matter.
          env: { KLEIO_ISA: isa, KLEIO_THREADS: '3', KLEIO_SEED: seed },
        },
      })),
    ],
  },
});

/**
 * The device that KLEIO_TEST_DEVICE names, of the binary in use; otherwise the software device, whose
 * build `npm test` makes.
 */
function deviceEnvironment(): Record<string, string> {
  if (process.env.KLEIO_TEST_DEVICE !== undefined) return {};
  const binary = resolve(root, 'build-software/build/Release/kleio.node');
  return { KLEIO_TEST_DEVICE: 'cuda:0', KLEIO_BINARY: binary };
}

/** Asked in another process: a binary that cannot load must not take the test runner with it. */
function supportedIsas(): string[] {
  const script = `process.stdout.write(JSON.stringify(require('./dist/index.js').inspect().supportedIsas))`;
  const { KLEIO_ISA: _, ...env } = process.env;
  const answer = execFileSync(process.execPath, ['-e', script], { cwd: root, env });
  return JSON.parse(answer.toString()) as string[];
}

/** This file is read again for every project, but says it once. */
function announce(line: string): void {
  if (process.env.KLEIO_ANNOUNCED) return;
  process.env.KLEIO_ANNOUNCED = 'yes';
  console.log(line);
}
