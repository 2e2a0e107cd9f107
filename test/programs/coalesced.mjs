// Calls that wait for each other: every answer as if asked alone, also beside aborts and users that leave.
// Run with KLEIO_COALESCE, KLEIO_THREADS, KLEIO_TEST_ROUNDS and, of calls that must have been answered
// together with others, KLEIO_TEST_COALESCED: it goes on until they have, however threads take turns.
import { inspect, Ranker } from 'kleio';
import { codes, digest, subject } from './subject.mjs';

const subjects = [1, 2, 3, 4].map((seed) =>
  subject({ rows: 2000, dim: 32, length: 3000 * seed, seed }),
);
const targets = codes(3 * 32, 5);
const expected = subjects.map(({ history }) => digest(history.searchSync(targets, { k: 9 })));

let wrong = 0;
let aborted = 0;
const rounds = Number(process.env.KLEIO_TEST_ROUNDS);
const wanted = Number(process.env.KLEIO_TEST_COALESCED);
const coalesced = () => inspect().counters.coalesced;
for (let round = 0; round < rounds || coalesced() < wanted; round += 1) {
  const controller = new AbortController();
  const asked = Array.from({ length: 40 }, (_, i) => i % subjects.length);
  const searches = asked.map((which, i) =>
    subjects[which].history.search(targets, {
      k: 9,
      ...(i % 10 === 3 && { signal: controller.signal }),
    }),
  );
  // The event loop has not turned since they began, so none of them has been answered yet.
  const aborts = round % 2 === 0;
  if (aborts) controller.abort();
  const outcomes = await Promise.allSettled(searches);
  outcomes.forEach(({ status, value }, i) => {
    const leaves = aborts && i % 10 === 3;
    if (leaves !== (status === 'rejected')) wrong += 1;
    if (leaves) aborted += 1;
    else if (digest(value) !== expected[asked[i]]) wrong += 1;
  });
}

const ranker = await Ranker.open(process.env.RANKER_WEIGHTS);
const ids = (...numbers) => BigInt64Array.from(numbers, BigInt);
const requests = Array.from({ length: 30 }, (_, n) => ({
  history: ranker.history(ids(...Array.from({ length: n * 5 }, (__, i) => i % 40))),
  user: ids(n, 1, 2, 3, 4, 5),
  candidates: { items: ids(n, 7), categories: ids(1, 2), cities: ids(1, 1), provinces: ids(1, 1) },
}));
const together = await Promise.all(requests.map((request) => ranker.rank(request)));
together.forEach(({ probabilities }, n) => {
  const alone = ranker.rankSync(requests[n]).probabilities;
  if (alone.join() !== probabilities.join()) wrong += 1;
});

process.stdout.write(JSON.stringify({ wrong, aborted, coalesced: coalesced() }));
