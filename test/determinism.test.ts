/** The same bits, run after run: other work, other threads, other splits and other neighbours change nothing. */
import { createHash } from 'node:crypto';
import { EmbeddingTable, History, type Kept } from 'kleio';
import { expect, it } from 'vitest';
import { testDevice } from './cases/device.js';
import { cases } from './cases/extent.js';
import { Random } from './cases/random.js';

const DIM = 32;
const K = 50;

/** Many equal embeddings and many equal scores: every careless selection shows here. */
function tieHeavyHistory(random: Random, rows: number, length: number) {
  const values = Float32Array.from({ length: rows * DIM }, () => random.integer(-1, 1));
  const history = new History(EmbeddingTable.from(values, { dim: DIM, device: testDevice }));
  history.append(Int32Array.from({ length }, () => random.integer(0, rows - 1)));
  const targets = Float32Array.from({ length: 40 * DIM }, () => random.integer(-1, 1));
  return { history, targets };
}

const digest = ({ positions, scores }: Kept) =>
  createHash('sha256')
    .update(new Uint8Array(positions.buffer))
    .update(new Uint8Array(scores.buffer))
    .digest('hex');

it('answers a tie-heavy search again and again with the same bits', async () => {
  const { history, targets } = tieHeavyHistory(new Random(1), 5000, 30_000);
  const digests = new Set<string>();
  for (let run = 0; run < cases(50); run += 1) {
    digests.add(digest(history.searchSync(targets, { k: K, threads: (run % 3) + 1 })));
    digests.add(digest(await history.search(targets, { k: K, threads: (run % 3) + 1 })));
  }
  expect(digests.size).toBe(1);
});

it('answers searches that run at once as if each ran alone', async () => {
  const subjects = [2, 3, 4, 5].map((seed) => tieHeavyHistory(new Random(seed), 2000, 20_000));
  const alone = subjects.map(({ history, targets }) =>
    digest(history.searchSync(targets, { k: K })),
  );
  const rounds = Array.from({ length: 6 }, () => subjects).flat();
  const together = await Promise.all(
    rounds.map(({ history, targets }) => history.search(targets, { k: K })),
  );
  expect(together.map(digest)).toEqual(rounds.map((_, index) => alone[index % alone.length]));
});

it('sees the history as it was when called', async () => {
  const { history, targets } = tieHeavyHistory(new Random(6), 3000, 25_000);
  const before = digest(history.searchSync(targets, { k: K }));
  const running = Array.from({ length: 8 }, () => {
    const answer = history.search(targets, { k: K });
    history.append(Int32Array.from({ length: 100 }, (_, row) => row));
    return answer;
  });
  const cleared = history.search(targets, { k: K });
  history.clear();
  history.append(Int32Array.of(1, 2, 3));
  const digests = (await Promise.all(running)).map(digest);
  expect(digests[0]).toBe(before);
  expect(new Set([...digests, digest(await cleared)]).size).toBeGreaterThan(1);
  expect(history.length).toBe(3);

  // Replayed without haste, each step gives what its search saw.
  const replay = tieHeavyHistory(new Random(6), 3000, 25_000);
  for (const seen of digests) {
    expect(digest(replay.history.searchSync(targets, { k: K }))).toBe(seen);
    replay.history.append(Int32Array.from({ length: 100 }, (_, row) => row));
  }
  expect(digest(replay.history.searchSync(targets, { k: K }))).toBe(digest(await cleared));
});
