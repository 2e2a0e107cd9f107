/** The event loop stays free: measured closely by bench/overheads, here only against blocking. */
import { setImmediate as turn } from 'node:timers/promises';
import { EmbeddingTable, History } from 'kleio';
import { expect, it } from 'vitest';
import { Random } from './cases/random.js';

const DIM = 64;

/** A search that takes long enough to look around meanwhile. */
function longSearch() {
  const random = new Random(1);
  const values = Int8Array.from({ length: 20_000 * DIM }, () => random.integer(-128, 127));
  const history = new History(EmbeddingTable.from(values, { dim: DIM }));
  history.append(Int32Array.from({ length: 40_000 }, (_, index) => index % 20_000));
  const targets = values.subarray(0, 4000 * DIM);
  return { history, search: () => history.search(targets, { k: 50 }) };
}

it('turns while a search runs', async () => {
  const { search } = longSearch();
  let running = true;
  const answer = search().finally(() => {
    running = false;
  });
  let turns = 0;
  for (; running; turns += 1) await turn();
  expect((await answer).count).toBe(4000);
  expect(turns).toBeGreaterThan(20);
});

it('appends without waiting for a search that runs', async () => {
  const { history, search } = longSearch();
  let running = true;
  const answer = search().finally(() => {
    running = false;
  });
  for (let batch = 0; batch < 50; batch += 1) history.append(Int32Array.of(1, 2, 3));
  await turn();
  expect(running).toBe(true);
  expect(history.length).toBe(40_150);
  const { positions } = await answer;
  expect(positions.every((position) => position < 40_000)).toBe(true);
});
