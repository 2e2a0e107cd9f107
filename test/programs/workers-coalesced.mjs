// Workers that rank with one ranker, each a request at a time: those of several threads are answered together.
// Run with RANKER_WEIGHTS, KLEIO_COALESCE and, of calls that must have been, KLEIO_TEST_COALESCED.
import { once } from 'node:events';
import { isMainThread, parentPort, Worker, workerData } from 'node:worker_threads';
import { inspect, Ranker } from 'kleio';

const WORKERS = 4;
const ids = (...numbers) => BigInt64Array.from(numbers, BigInt);
const coalesced = () => inspect().counters.coalesced;
const requestOf = (ranker, n) => ({
  history: ranker.history(ids(...Array.from({ length: 5 + n }, (_, at) => at))),
  user: ids(n, 1, 2, 3, 4, 5),
  candidates: { items: ids(n, 7), categories: ids(1, 2), cities: ids(1, 1), provinces: ids(1, 1) },
});

if (isMainThread) {
  const ranker = await Ranker.open(process.env.RANKER_WEIGHTS);
  const workers = Array.from(
    { length: WORKERS },
    () => new Worker(new URL(import.meta.url), { workerData: ranker.share() }),
  );
  const wrong = await Promise.all(
    workers.map(async (worker) => (await once(worker, 'message'))[0]),
  );
  process.stdout.write(JSON.stringify({ wrong, coalesced: coalesced() }));
} else {
  const ranker = Ranker.fromShared(workerData);
  const requests = Array.from({ length: 10 }, (_, n) => requestOf(ranker, n));
  const alone = requests.map((request) => ranker.rankSync(request).probabilities.join());
  let wrong = 0;
  for (let n = 0; coalesced() < Number(process.env.KLEIO_TEST_COALESCED); n = (n + 1) % 10) {
    const { probabilities } = await ranker.rank(requests[n]);
    if (probabilities.join() !== alone[n]) ++wrong;
  }
  parentPort.postMessage(wrong);
}
