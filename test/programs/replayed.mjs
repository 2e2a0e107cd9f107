// Requests of a few shapes that come again and again with other contents, on a device: every answer is
// compared with the CPU's, and of every ranking a digest is printed. Run with KLEIO_TEST_ROUNDS of searches
// and KLEIO_TEST_REQUESTS to rank.
import { devices, EmbeddingTable, History, Ranker, searchMany } from 'kleio';
import { ids, requests, weights } from './asked-rankings.mjs';
import { codes, device, digest } from './subject.mjs';

const ROUNDS = Number(process.env.KLEIO_TEST_ROUNDS);
const ROWS = 600;
const DIM = 24;
const values = Float32Array.from(codes(ROWS * DIM, 3));
const pool = Float32Array.from(codes(80 * DIM, 4));
const failed = [];
let wrong = 0;

/** Users on the device, and the same users on the CPU. */
const [there, here] = [device, 'cpu'].map((place) => {
  const table = EmbeddingTable.from(values, { dim: DIM, device: place });
  return Array.from({ length: 4 }, () => new History(table));
});

const append = (user, count, seed) => {
  const rows = Int32Array.from({ length: count }, (_, i) => (i * 7919 + seed * 131) % ROWS);
  const times = Float64Array.from(rows, (_, i) => (i + seed) % 60);
  for (const history of [there[user], here[user]]) history.append(rows, { times });
};
const clear = (user) => {
  for (const history of [there[user], here[user]]) history.clear();
};
const targetsOf = (first, count) => pool.slice(first * DIM, (first + count) * DIM);

/** Whether the device answers as the CPU; what fails is noted. */
async function agree(search) {
  const expected = await search(here);
  try {
    const found = await search(there);
    if (JSON.stringify(found.map(digest)) !== JSON.stringify(expected.map(digest))) ++wrong;
  } catch (error) {
    failed.push(error.code);
  }
}
const one = (user, targets, options) =>
  agree(async (users) => [await users[user].search(targets, options)]);

const counted = () => {
  const { usage } = devices().find(({ name }) => name === device);
  return { captures: usage.graphCaptures, replays: usage.graphReplays };
};

/** As many shapes as there are cases here, with other targets, lengths and limits every time. */
async function searchRound(round) {
  const kinds = [
    { k: 10 },
    { k: 10, since: round % 60 },
    { k: 30, by: 'dot', minScore: 20_000 + round * 700 }, // few or none of the 30 reach it
    { k: 10, exclude: Int32Array.from({ length: round % 9 }, (_, i) => i * 50 + round) },
  ];
  const targets = targetsOf(round % 40, 17 + (round % 2));
  await one(round % 4, targets, kinds[(round >> 2) % kinds.length]);
  await one(round % 4, targetsOf(round % 70, 1), { k: 10 });
}

async function searchUsers(round) {
  await agree((users) =>
    searchMany(
      users.map((history, user) => ({
        history,
        targets: targetsOf(round % 30, 3 + user),
        k: 10,
        since: user % 2 === 1 ? (round + 20 * user) % 60 : undefined,
      })),
    ),
  );
}

for (let user = 0; user < 4; ++user) append(user, 400 + 300 * user, user);
for (let round = 0; round < ROUNDS; ++round) {
  append(round % 4, round % 12, round);
  if (round % 20 === 19) clear(round % 4); // shorter, then longer than ever
  if (round % 20 === 19) append(round % 4, 90 * (round % 7) + 1, round);
  await searchRound(round);
  if (round % 4 === 0) await searchUsers(round);
  if (round % 10 === 0) {
    await Promise.all([0, 1, 2, 3].map((user) => one(user, targetsOf(round % 50, 18), { k: 10 })));
  }
}
const steady = counted();

// More shapes than a device keeps graphs of, then more results than there is memory for.
for (let round = 0; round < 36; ++round) await one(0, targetsOf(round, 2), { k: 1 + (round % 18) });
await one(3, targetsOf(0, 60), { k: 700 });
const grown = counted();
for (let round = 0; round < 8; ++round) await one(1, targetsOf(round, 18), { k: 10 });
const recovered = counted();

/** Asks for memory until there is none: idle histories and workspaces go, and graphs with these. */
function crowd() {
  for (let rows = 2 ** 14; ; rows *= 2) {
    try {
      EmbeddingTable.from(new Int8Array(rows * DIM), { dim: DIM, device }).close();
    } catch {
      return;
    }
  }
}
if (process.env.KLEIO_TEST_CROWDED === 'yes') crowd();
for (let round = 0; round < 8; ++round) await one(1, targetsOf(round, 18), { k: 10 });
const crowded = counted();

const rankings = [];

const some = (texts, from, to) => ids(texts.slice(from, to));

/** The same request with a few candidates more or less, and a history that grows. */
async function rankRounds(ranker, { items, categories, user, candidates, ...options }) {
  const known = Math.floor(items.length / 2);
  const history = ranker.history(some(items, 0, known), { categories: some(categories, 0, known) });
  const answers = [];
  for (let round = 0; round < 5; ++round) {
    const [from, to] = [known + 3 * round, known + 3 * round + 3];
    history.append(some(items, from, to), { categories: some(categories, from, to) });
    const count = 17 + (round % 2);
    const offered = Object.entries(candidates).map(([part, all]) => [part, some(all, 0, count)]);
    const asked = { user: ids(user), candidates: Object.fromEntries(offered) };
    answers.push(await ranker.rank({ history, ...asked, ...options }));
  }
  return answers;
}

/** The same behaviours kept, and probabilities as close as two devices are. */
const areClose = (found, expected) =>
  digest(found.kept) === digest(expected.kept) &&
  found.probabilities.every((p, c) => Math.abs(p - expected.probabilities[c]) <= 1e-6);

try {
  const [onDevice, onCpu] = [
    await Ranker.open(weights, { device }),
    await Ranker.open(weights, { device: 'cpu' }),
  ];
  for (const request of requests.slice(0, Number(process.env.KLEIO_TEST_REQUESTS))) {
    const expected = await rankRounds(onCpu, request);
    for (const [round, found] of (await rankRounds(onDevice, request)).entries()) {
      if (!areClose(found, expected[round])) ++wrong;
      rankings.push(`${digest(found.kept)} ${found.probabilities.join()}`);
    }
  }
  onDevice.close();
  onCpu.close();
} catch (error) {
  failed.push(error.code);
}
const { usage } = devices().find(({ name }) => name === device);
process.stdout.write(
  JSON.stringify({
    wrong,
    codes: failed,
    lost: usage.lost,
    evicted: usage.historiesEvicted,
    steady,
    grown,
    recovered,
    crowded,
    ended: counted(),
    rankings,
  }),
);
