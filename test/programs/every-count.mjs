// Searches of every number of targets and users, and, given requests to rank, rankings of every number of
// candidates, the largest first: each answer must be what the CPU keeps. On a software device a download that
// takes what no kernel wrote for it ends the device, whose memory of the request before is poisoned.
import { devices, EmbeddingTable, History, Ranker, searchMany } from 'kleio';
import { codes, device, digest } from './subject.mjs';

const ROWS = 300;
const DIM = 24;
const MOST = 40;
const COUNTS = Array.from({ length: MOST }, (_, n) => MOST - n);
// Users of so many targets each. The last of the first are more places than one launch has tiles for.
const USERS = [
  [18, 8],
  [17, 8],
  [5, 9],
  [3, 13],
  [7, 1],
  [2, 3],
];
let asked = 0;
let wrong = 0;
let failure;

/** Compares; stops the program's work at the first failure, of which a lost device has many. */
async function agree(ask) {
  if (failure !== undefined) return;
  ++asked;
  try {
    const [found, expected] = [await ask(0), await ask(1)];
    if (JSON.stringify(found) !== JSON.stringify(expected)) ++wrong;
  } catch (error) {
    failure = `${error.code}: ${error.message}`;
  }
}

const users = [device, 'cpu'].map((place) => {
  const values = Float32Array.from(codes(ROWS * DIM, 3));
  const table = EmbeddingTable.from(values, { dim: DIM, device: place });
  return Array.from({ length: 18 }, (_, user) => {
    const history = new History(table);
    history.append(Int32Array.from({ length: 90 + 40 * user }, (_, i) => (i * 7919 + user) % ROWS));
    return history;
  });
});
const targetsOf = (count) => Float32Array.from(codes(count * DIM, count));

for (const k of [70, 9, 1]) {
  for (const [count, targets] of USERS) {
    await agree(async (side) => {
      const some = users[side].slice(0, count);
      const kept = await searchMany(
        some.map((history) => ({ history, targets: targetsOf(targets), k })),
      );
      return kept.map(digest);
    });
  }
  for (const count of COUNTS) {
    await agree(async (side) => [digest(await users[side][3].search(targetsOf(count), { k }))]);
  }
}

const rankings = process.env.RANK_REQUESTS
  ? await rankAll(await import('./asked-rankings.mjs'))
  : 0;

async function rankAll({ ids, requests, weights }) {
  const rankers = [];
  for (const place of [device, 'cpu']) rankers.push(await Ranker.open(weights, { device: place }));
  const cycled = (texts, count) =>
    ids(Array.from({ length: count }, (_, n) => texts[n % texts.length]));
  let ranked = 0;
  for (const { items, categories, user, candidates, ...options } of requests) {
    const histories = rankers.map((ranker) =>
      ranker.history(ids(items), { categories: ids(categories) }),
    );
    for (const count of COUNTS) {
      ++ranked;
      await agree(async (side) => {
        const some = Object.entries(candidates).map(([part, texts]) => [
          part,
          cycled(texts, count),
        ]);
        const { kept, interests } = await rankers[side].rank({
          history: histories[side],
          user: ids(user),
          candidates: Object.fromEntries(some),
          interests: count % 2 === 0,
          ...options,
        });
        return [digest(kept), interests?.length];
      });
    }
  }
  return ranked;
}

const { usage } = devices().find(({ name }) => name === device);
process.stdout.write(JSON.stringify({ asked, rankings, wrong, failure, lost: usage.lost }));
