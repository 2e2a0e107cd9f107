/** A peer's time is worth printing only beside the right answer. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import * as kleio from 'kleio';
import { expect, it } from 'vitest';
import { compareSearch } from '../../bench/comparison/compare-search.js';
import type { ComparedRow } from '../../bench/comparison/comparison-record.js';
import { readableComparison } from '../../bench/comparison/comparison-text.js';
import { type SearchPeer, searchPeers } from '../../bench/comparison/peer.js';
import type { Kleio } from '../../lib/bench/harness/case.js';
import { Workload } from '../../lib/bench/harness/workload.js';
import { newFolder } from '../cases/new-files.js';

const folder = newFolder('peers');

const asked = {
  kleio: kleio as unknown as Kleio,
  workload: new Workload(3),
  length: 400,
  counts: [1, 4],
  dim: 16,
  k: 5,
  threads: 1,
  seconds: 0.01,
};

/** An honest peer, but for what `change` does to its answer. */
function peer(change: (answer: { positions: Int32Array; scores: Float32Array }) => void) {
  return (more: Partial<SearchPeer> = {}): SearchPeer => ({
    name: 'subject',
    package: null,
    open: ({ history, dim, k }) => ({
      search(targets) {
        const { positions, scores } = kleio.topK(targets, history, { dim, k });
        change({ positions, scores });
        return { positions, scores };
      },
      close() {},
    }),
    ...more,
  });
}

const honest = peer(() => {});
const keepsTheWorst = peer(({ positions }) => positions.set([0, 1, 2, 3, 4]));
const keepsOneTwice = peer(({ positions }) => positions.fill(positions[0] as number, 0, 2));
const inventsScores = peer(({ scores }) => scores.fill(0.9));

async function rowsOf(given: SearchPeer): Promise<readonly ComparedRow[]> {
  const { results } = await compareSearch({ ...asked, peers: [given] });
  return results.flatMap(({ rows }) => rows.filter(({ name }) => name === 'subject'));
}

it('times a peer that answers, beside kleio in the same rounds', async () => {
  const { results } = await compareSearch({ ...asked, peers: [honest()] });
  for (const { rows, rounds } of results) {
    expect(rounds).toBeGreaterThanOrEqual(5);
    expect(rows.map(({ name }) => name)).toEqual(['kleio float32', 'kleio int8', 'subject']);
    for (const { ms } of rows) expect(ms?.median).toBeGreaterThan(0);
    expect(rows[0]?.speedupOver?.subject?.median).toBeGreaterThan(0);
  }
});

it.each([
  ['other behaviours', keepsTheWorst(), /keeps position \d/],
  ['a behaviour twice', keepsOneTwice(), /keeps a position twice/],
  ['scores of its own', inventsScores({ approximate: true }), /gives position/],
  ['nothing true', keepsTheWorst({ approximate: true }), /gives position|keeps none/],
])('gives no time to a peer with %s', async (_, subject, reason) => {
  for (const row of await rowsOf(subject)) {
    expect(row.ms).toBeUndefined();
    expect(row.refused).toMatch(reason);
  }
});

it('says how much of the truth an approximate peer keeps', async () => {
  const half = peer(({ positions, scores }) => {
    const count = positions.length / 5;
    // The first place again: scored truly, found once.
    for (let index = 0; index < count; ++index) {
      positions.fill(positions[index * 5] as number, index * 5 + 1, index * 5 + 3);
      scores.fill(scores[index * 5] as number, index * 5 + 1, index * 5 + 3);
    }
  });
  for (const row of await rowsOf(half({ approximate: true }))) expect(row.recall).toBe(3 / 5);
});

it('prints a refusal in place of a time', async () => {
  const compared = await compareSearch({ ...asked, peers: [keepsTheWorst()] });
  const machine = {} as Parameters<typeof readableComparison>[0]['machine'];
  const shared = { kind: 'search', machine, isa: 'scalar', seed: 3, threads: 1 } as const;
  const text = readableComparison({ ...shared, length: 400, dim: 16, k: 5, ...compared });
  expect(text).toMatch(/subject +- +- +- +REFUSED: subject: target 0 keeps position/);
});

it('reports a peer that cannot be loaded, with the reason', async () => {
  writeFileSync(join(folder, 'broken.mjs'), "throw new Error('not compiled')");
  writeFileSync(join(folder, 'there.mjs'), "export default [{ name: 'there' }]");
  const { peers, absent } = await searchPeers(folder);
  expect(peers.map(({ name }) => name)).toEqual(['there']);
  expect(absent).toEqual([{ peer: 'broken', reason: 'not compiled' }]);
});
