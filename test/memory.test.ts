/** A history takes what it says, and everything is given back. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { runProgram } from './cases/programs.js';
import { writeTaobaoData } from './cases/taobao-data.js';
import { DTYPES, type Dtype } from './oracle/float-formats.js';

const nodeOptions = ['--expose-gc'];

interface Measured {
  readonly byteLength: number;
  readonly grown: number;
  readonly length: number;
  readonly distinct: number;
}

/** docs/memory.md: what a million behaviours of 300 000 items take at least and at most. */
function documented(dtype: Dtype): readonly [least: number, most: number] {
  const behaviours = 1_000_000 * (8 + 8 + 8);
  const scanned = dtype === 'int8' ? 128 + 16 : 128 + 28;
  return [behaviours + 300_000 * (scanned + 32), behaviours + 300_000 * (scanned + 48)];
}

it.each(DTYPES)('a history over %s takes what is documented, within 10 %%', async (dtype) => {
  const env = { KLEIO_TEST_DTYPE: dtype };
  const { byteLength, grown, length, distinct } = await runProgram<Measured>('memory-formula.mjs', {
    nodeOptions,
    env,
  });
  expect([length, distinct]).toEqual([1_000_000, 300_000]);
  const [least, most] = documented(dtype);
  expect(byteLength).toBeGreaterThanOrEqual(least);
  expect(byteLength).toBeLessThanOrEqual(most);
  expect(grown / byteLength, `${grown} bytes measured, ${byteLength} said`).toBeGreaterThan(0.9);
  expect(grown / byteLength, `${grown} bytes measured, ${byteLength} said`).toBeLessThan(1.1);
});

it('20 000 searches and 2000 cycles of creating and closing grow the process by less than 10 MB', async () => {
  const grown = await runProgram<{ searches: number; cycles: number }>('memory-growth.mjs', {
    nodeOptions,
  });
  expect(grown.searches).toBeLessThan(10);
  expect(grown.cycles).toBeLessThan(10);
});

interface Evaluated {
  readonly samples: number;
  readonly peakMegabytes: number;
}

it('evaluating 200 000 samples takes no more memory than 20 000', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'kleio-evaluate-'));
  const shape = { items: 2000, longestHistory: 60, rowGroupSize: 50_000, pageSize: 2 ** 16 };
  const evaluate = (samples: number) => {
    const path = join(folder, String(samples));
    const { weights } = writeTaobaoData(path, 7, { ...shape, samples, users: samples / 20 });
    const env = { KLEIO_TEST_DATA: path, KLEIO_TEST_WEIGHTS: weights };
    return runProgram<Evaluated>('evaluate-memory.mjs', { env });
  };
  try {
    const [few, many] = [await evaluate(20_000), await evaluate(200_000)];
    expect([few.samples, many.samples]).toEqual([20_000, 200_000]);
    const grown = many.peakMegabytes - few.peakMegabytes;
    expect(grown, JSON.stringify([few, many])).toBeLessThan(40);
  } finally {
    rmSync(folder, { recursive: true });
  }
});
