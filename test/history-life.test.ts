/**
 * Behaviours keep their names: whatever is appended, leaves, is removed and asked in whatever order, every answer is
 * that of a list which knows nothing of positions. For each instruction set, and on devices.
 */
import { setImmediate as turn } from 'node:timers/promises';
import fc from 'fast-check';
import { EmbeddingTable, History } from 'kleio';
import { expect, it } from 'vitest';
import { testDevice } from './cases/device.js';
import { cases } from './cases/extent.js';
import { HistoryLife } from './cases/history-life.js';
import { Random } from './cases/random.js';
import { DTYPES } from './oracle/float-formats.js';

const CASES = cases(2000);
const RACING_SEARCHES = cases(10_000);

it(`${CASES} lives of histories go as remembered`, async () => {
  const life = fc.asyncProperty(
    fc.integer(),
    fc.integer({ min: 1, max: 25 }),
    fc.constantFrom(...DTYPES),
    async (seed, steps, dtype) => {
      await turn();
      const living = new HistoryLife(new Random(seed), dtype);
      for (let step = 0; step < steps; ++step) await living.step();
      await living.end();
    },
  );
  await fc.assert(life, { seed: Number(process.env.KLEIO_SEED), numRuns: CASES });
});

it(`${RACING_SEARCHES} searches beside appends and evictions name the right items`, async () => {
  const [items, dim, capacity, k] = [500, 16, 200, 5];
  const random = new Random(Number(process.env.KLEIO_SEED));
  const ids = BigInt64Array.from({ length: items }, (_, row) => BigInt(7000 + 3 * row));
  const values = Float32Array.from({ length: items * dim }, () => random.normal());
  const table = EmbeddingTable.from(values, { dim, ids, device: testDevice });
  const history = new History(table, { capacity });
  const appended: bigint[] = [];
  const append = (count: number) => {
    const batch = BigInt64Array.from({ length: count }, () =>
      random.pick([...ids.subarray(0, 60)]),
    );
    appended.push(...batch);
    history.append(batch);
  };
  append(capacity);
  const batch = 100;
  for (let searches = 0; searches < RACING_SEARCHES; searches += batch) {
    const answers = Array.from({ length: batch }, async () => {
      const target = random.pick(appended.slice(-capacity));
      const [oldest, next] = [history.firstSequence, history.nextSequence];
      const answer = history.search(BigInt64Array.of(target), {
        k,
        fields: ['ids', 'sequences'],
      });
      append(random.integer(0, 9));
      const kept = await answer;
      expect(kept.first).toBe(oldest);
      // The item itself is its own nearest: the newest of its behaviours as of the search comes first.
      expect(kept.ids[0]).toBe(target);
      expect(kept.sequences[0]).toBe(appended.lastIndexOf(target, next - 1));
      for (const [place, sequence] of kept.sequences.entries()) {
        expect(kept.ids[place]).toBe(appended[sequence]);
        expect(kept.first + kept.positions[place]!).toBe(sequence);
        expect(sequence >= oldest && sequence < next).toBe(true);
      }
    });
    await Promise.all(answers);
  }
  history.close();
  table.close();
});
