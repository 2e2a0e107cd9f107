/**
 * The kernels of the CUDA backend, without a GPU: the same templates that nvcc compiles run over a
 * software policy that checks shared memory for races and draws at random what the PTX ISA leaves open.
 * Its device memory is exactly as long as asked for: `native/sanitize.sh kernels-asan` runs the same tests
 * by a program under ASan and UBSan.
 */
import { execFile } from 'node:child_process';
import { resolve } from 'node:path';
import { promisify } from 'node:util';
import { describe, expect, test } from 'vitest';
import { times } from './cases/extent.js';

const root = resolve(__dirname, '..');
const seed = process.env.KLEIO_SEED ?? '1';
const SEARCH_PARTS = 4;
const SEARCHES = times(96, 12);

/** What the program printed. Not the synchronous call: a worker that blocks for a minute is given up by its runner. */
async function run(...words: string[]): Promise<string> {
  const { stdout } = await promisify(execFile)('native/test-kernels.sh', words, {
    cwd: root,
    maxBuffer: 2 ** 26,
  });
  return stdout;
}

describe.concurrent('kernels over the software policy', () => {
  test.each([
    ['block-maps', 'every slot lies in one block, the same for scan and select'],
    ['plans', 'every row meets every target once, in no place twice'],
    ['fragments', 'mma.sync equals a matrix product, element by element of the PTX ISA'],
    ['wgmma', 'a warpgroup multiplies what the PTX ISA says lies in registers and shared memory'],
    ['wgmma-rules', 'products are plain ones, and each rule of wgmma that is broken is noticed'],
    ['tiers', 'SimTier has the bits of the definition, at every edge of a tier'],
    ['float-functions', 'exponential, sigmoid and SiLU are as close as they say'],
    ['rank-plans', 'the arrays of a block never overlap and always fit'],
    ['surveys', 'every reason why there is no device is told apart'],
    ['graphs', 'what comes again is one graph, which stands for nothing else'],
    ['device-errors', 'errors that end a device are told from those that refuse a call'],
    ['device-rules', 'a software device notices memory that goes too early or was never written'],
  ])('%s: %s', async (section, _promise) => {
    expect(await run(section, seed)).toMatch(new RegExp(`^${section}: \\d+`, 'm'));
  });

  test.each([
    ['bounds', 60, 'no bound of a block excludes a row in it, none is wider than its margin'],
    [
      'margins',
      12,
      'no hostile row errs by more than the margin, under any freedom of the hardware',
    ],
    ['misordered', 20, 'a row whose estimate is wrong by almost the margin is found'],
    ['repeats', 10, 'thousands of ties give the same bits in every order of execution'],
    ['lists', 120, 'thresholds prove what they say; lists hold exactly the rows that reach them'],
    ['overflows', 60, 'lists that are too short lose rows, and no answer'],
    ['threshold-board', 300, 'a bound that threads of the CPU agree on is reached by K rows'],
    ['compactions', 150, 'full buffers are compacted and change no answer'],
  ] as const)('%s, %i random cases: %s', async (section, cases, _promise) => {
    expect(await run(section, seed, String(cases))).toMatch(new RegExp(`^${section}: .*\\d`, 'm'));
  });

  // In parts, for as many cores.
  test.each(Array.from({ length: SEARCH_PARTS }, (_, part) => part))(
    `searches, ${SEARCHES} random cases: whole searches give the bits of the definition, part %i`,
    async (part) => {
      const seedOfPart = String(Number(seed) + part);
      expect(await run('searches', seedOfPart, String(SEARCHES))).toMatch(/^searches: .*\d/m);
    },
  );
});
