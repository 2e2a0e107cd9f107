/** Every case of the benchmark can be measured, says how fast it could be, and refuses wrong answers. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import * as kleio from 'kleio';
import { describe, expect, it } from 'vitest';
import type { BenchCase, Kleio } from '../../lib/bench/harness/case.js';
import { basePoint, type Point } from '../../lib/bench/harness/point.js';
import { Roofline } from '../../lib/bench/harness/roofline.js';
import { runCase, withFloors } from '../../lib/bench/harness/run-case.js';
import { Workload } from '../../lib/bench/harness/workload.js';
import { DTYPES } from '../oracle/float-formats.js';

const root = join(__dirname, '..', '..');
const folder = join(root, 'lib', 'bench', 'cases');
const names = readdirSync(folder);
const library = kleio as unknown as Kleio;

const small: Partial<Point> = { targets: 3, length: 700, k: 5 };
const bench = {
  kleio: library,
  workload: new Workload(7),
  // A machine of one byte and one operation a nanosecond.
  roofline: new Roofline(() => 1e9),
  precision: { relative: 0.5, mostSeconds: 0.05, fewestCalls: 5 },
};

const caseOf = async (name: string): Promise<BenchCase> =>
  (await import(join(folder, name))).default;

describe.each(names)('%s', (name) => {
  it('is one file of fewer than 40 lines, called as the case is', async () => {
    expect(readFileSync(join(folder, name), 'utf8').split('\n').length).toBeLessThan(41);
    expect((await caseOf(name)).name).toBe(name.replace('.ts', ''));
  });

  it('is measured after its answer has passed', async () => {
    const measurement = await runCase(
      await caseOf(name),
      'small',
      { ...basePoint(2), ...small },
      bench,
    );
    expect(measurement.ms.calls).toBeGreaterThanOrEqual(5);
    expect(measurement.ms.least).toBeLessThanOrEqual(measurement.ms.p50);
    expect(measurement.ms.p50).toBeLessThanOrEqual(measurement.ms.most);
  });
});

it('holds a search against the bytes and operations that it needs', async () => {
  const point = { ...basePoint(2), ...small };
  const measured = await runCase(await caseOf('search.ts'), 'small', point, bench);
  const [{ floor, overFloor, ms } = measured] = withFloors([measured], bench.roofline);
  // 2 operations for each of 3 × 700 × 128 products at one a nanosecond.
  expect(floor).toMatchObject({ ms: (2 * 3 * 700 * 128) / 1e6, bound: 'int8' });
  expect(overFloor).toBeCloseTo(ms.p50 / 0.5376, 10);
});

it.each(DTYPES)('knows the right answer for %s tables, by cosine and dot', async (dtype) => {
  for (const unit of ['cosine', 'dot'] as const) {
    const point = { ...basePoint(1), ...small, dim: 24, dtype, unit };
    await runCase(await caseOf('search.ts'), 'small', point, bench);
  }
});

it.each(['positions', 'scores'] as const)('times nothing whose %s are wrong', async (part) => {
  let calls = 0;
  class Wrong extends kleio.History {
    override searchSync(...words: Parameters<kleio.History['searchSync']>): never {
      calls += 1;
      const kept = super.searchSync(...words);
      kept[part][2] = kept[part][3] as number;
      return kept as never;
    }
  }
  const wrong = { ...bench, kleio: { ...kleio, History: Wrong } as unknown as Kleio };
  const measured = runCase(
    await caseOf('search.ts'),
    'small',
    { ...basePoint(2), ...small },
    wrong,
  );
  await expect(measured).rejects.toThrow(/search: target 0, place 2 is position/);
  expect(calls).toBe(1);
});

it('shows a whole case in the documentation, as it is', () => {
  const page = readFileSync(join(root, 'docs', 'benchmarking.md'), 'utf8');
  const [, shown] = /```ts\n(.*?)```/s.exec(page) ?? [];
  expect(shown).toBe(readFileSync(join(folder, 'top-k.ts'), 'utf8'));
});
