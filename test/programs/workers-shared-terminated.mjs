// Workers that are terminated while they open, search, rank and close what this thread shares and changes; and
// workers that share what is theirs, and are terminated. Run with RANKER_WEIGHTS and KLEIO_TEST_TERMINATIONS.
import { once } from 'node:events';
import { isMainThread, parentPort, Worker, workerData } from 'node:worker_threads';
import { EmbeddingTable, History, IndexTree, Ranker } from 'kleio';
import { codes, device, digest } from './subject.mjs';
import { terminatedAfter } from './terminated-worker.mjs';

const TERMINATIONS = Number(process.env.KLEIO_TEST_TERMINATIONS);
const AT_ONCE = 4;
const MAX_STEPS = 6;
const DIM = 16;
const ROWS = 500;
const targets = codes(3 * DIM, 5);
const ids = (...numbers) => BigInt64Array.from(numbers, BigInt);

const searched = (table) => {
  const history = new History(table);
  history.append(Int32Array.from({ length: 900 }, (_, index) => (index * 7919) % ROWS));
  const kept = digest(history.searchSync(targets, { k: 9 }));
  history.close();
  return kept;
};
const ranking = (ranker) => ({
  history: ranker.history(ids(1, 2, 3, 4, 5)),
  user: ids(1, 2, 3, 4, 5, 6),
  candidates: { items: ids(2, 7), categories: ids(1, 2), cities: ids(1, 1), provinces: ids(1, 1) },
});
const treeSearch = { user: new Float32Array(DIM).fill(0.5), beam: 3, n: 4 };

let steps = 0;
const step = () => {
  if (steps++ <= MAX_STEPS) parentPort.postMessage('step');
};

/** For ever, with four of each call in flight. */
function workForever({ table, ranker, tree }) {
  const again = (call) => {
    const next = () => {
      step();
      return call().then(next, next);
    };
    for (let calls = 0; calls < 4; ++calls) void next();
  };
  again(async () => searched(EmbeddingTable.fromShared(table)));
  again(async () => Ranker.fromShared(ranker).rank(ranking(Ranker.fromShared(ranker))));
  again(() => IndexTree.fromShared(tree).search(treeSearch));
  again(() => IndexTree.fromShared(tree).insert(ids(7), codes(DIM, 7)));
}

async function shareAndWait() {
  const table = EmbeddingTable.from(codes(ROWS * DIM, 3), { dim: DIM, device });
  const tree = await IndexTree.build(table);
  // A change that is on its way when the thread ends.
  for (let id = ROWS; id < ROWS + 20; ++id)
    void tree.insert(ids(id), codes(DIM, id)).catch(() => {});
  parentPort.postMessage({ table: table.share(), tree: tree.share() });
}

if (isMainThread) {
  const url = new URL(import.meta.url);
  const table = EmbeddingTable.from(codes(ROWS * DIM, 3), { dim: DIM, device });
  const tree = await IndexTree.build(table);
  const ranker = await Ranker.open(process.env.RANKER_WEIGHTS, { device });
  const tokens = { table: table.share(), tree: tree.share(), ranker: ranker.share() };
  const expected = searched(table);
  const ranked = (await ranker.rank(ranking(ranker))).probabilities.join();
  let wrong = 0;
  let terminated = 0;
  let inserted = 0;
  const check = (right) => {
    if (!right) ++wrong;
  };
  const foreign = async () => {
    const worker = new Worker(url, { workerData: undefined });
    const [theirs] = await once(worker, 'message');
    const handles = [EmbeddingTable.fromShared(theirs.table), IndexTree.fromShared(theirs.tree)];
    await worker.terminate();
    check(searched(handles[0]) === expected);
    check((await handles[1].search(treeSearch)).items.length === 4);
    check(handles[1].items >= ROWS);
    for (const handle of handles) handle.close();
  };
  const lane = async () => {
    while (terminated < TERMINATIONS) {
      const index = terminated++;
      if (index % 4 === 3) await foreign();
      else await terminatedAfter(index % (MAX_STEPS + 1), url, { workerData: tokens });
      await tree.insert(ids(ROWS + inserted++), codes(DIM, index));
      check(searched(table) === expected);
      check((await ranker.rank(ranking(ranker))).probabilities.join() === ranked);
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, lane));
  check(tree.items === ROWS + inserted);
  process.stdout.write(JSON.stringify({ terminated, wrong }));
} else if (workerData === undefined) {
  await shareAndWait();
  setInterval(() => {}, 1000);
} else {
  workForever(workerData);
}
