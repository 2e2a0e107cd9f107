// One table, ranker, tree and scorer in a process, and workers that have handles of them: what they answer,
// and what native memory it all takes. Run with RANKER_WEIGHTS and KLEIO_TEST_WORKERS.
import { once } from 'node:events';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { isMainThread, parentPort, Worker, workerData } from 'node:worker_threads';
import { EmbeddingTable, History, IndexTree, Ranker, TreeScorer } from 'kleio';
import { codes, device, digest } from './subject.mjs';

// Only the binary's contract shows what all native memory takes.
const product = createRequire(join(import.meta.dirname, '..', '..', 'dist', 'index.js'));
const { binding } = product('./binding/binary.js');
const inUse = () => binding().describe().blockBytes;

const DIM = 16;
const ROWS = Number(process.env.KLEIO_TEST_ROWS);
const ids = (...numbers) => BigInt64Array.from(numbers, BigInt);
const text = ({ items, logits }) => [...items, ...logits].join();

/** All that is asked of the handles, as something to compare. */
async function answers({ table, ranker, tree, scorer }) {
  const history = new History(table);
  history.append(Int32Array.from({ length: 900 }, (_, index) => (index * 7919) % ROWS));
  const targets = codes(3 * DIM, 5);
  const ranked = ranker.history(ids(1, 2, 3, 4, 5, 6, 7), { categories: ids(1, 1, 2, 2, 3, 3, 4) });
  const candidates = {
    items: ids(2, 7),
    categories: ids(1, 2),
    cities: ids(1, 1),
    provinces: ids(1, 1),
  };
  const { probabilities, kept } = await ranker.rank({
    history: ranked,
    user: ids(1, 2, 3, 4, 5, 6),
    candidates,
  });
  const found = await tree.search({ user: new Float32Array(DIM).fill(0.5), beam: 3, n: 4 });
  const scored = await tree.search({ scorer, user: Float32Array.of(1), beam: 2, n: 3 });
  const said = [
    digest(await history.search(targets, { k: 9 })),
    digest(history.searchSync(targets, { k: 9 })),
    probabilities.join(),
    digest(kept),
    ranker.k,
    text(found),
    text(scored),
    `${table.rows} ${tree.items} ${scorer.userWidth}`,
  ].join(' ');
  history.close();
  ranked.close();
  return said;
}

async function made() {
  const table = EmbeddingTable.from(codes(ROWS * DIM, 3), { dim: DIM, device });
  const items = EmbeddingTable.from(codes(64 * DIM, 4), { dim: DIM });
  const tree = await IndexTree.build(items);
  items.close();
  const scorer = await TreeScorer.open({
    tensors: {
      'item.ids': {
        shape: [64],
        values: BigInt64Array.from({ length: 64 }, (_, id) => BigInt(id)),
      },
      'item.embeddings': {
        shape: [65, 1],
        values: Float32Array.from({ length: 65 }, (_, id) => id / 65),
      },
      'node.embeddings': {
        shape: [64, 1],
        values: Float32Array.from({ length: 64 }, (_, id) => (id * 7) % 64),
      },
    },
    metadata: { kind: 'two-tower' },
  });
  const ranker = await Ranker.open(process.env.RANKER_WEIGHTS, { device, k: 3 });
  return { table, ranker, tree, scorer };
}

const CLASSES = { table: EmbeddingTable, ranker: Ranker, tree: IndexTree, scorer: TreeScorer };
const each = (change) =>
  Object.fromEntries(Object.entries(CLASSES).map(([name, Class]) => [name, change(name, Class)]));
const opened = (tokens) => each((name, Class) => Class.fromShared(tokens[name]));
const codeOf = (call) => {
  try {
    return call();
  } catch ({ code }) {
    return code;
  }
};

if (isMainThread) {
  const before = inUse();
  const own = await made();
  const tokens = each((name) => own[name].share());
  const expected = await answers(own);
  const alone = inUse();
  const workers = Array.from(
    { length: Number(process.env.KLEIO_TEST_WORKERS) },
    () => new Worker(new URL(import.meta.url), { workerData: tokens }),
  );
  const heard = () =>
    Promise.all(workers.map(async (worker) => (await once(worker, 'message'))[0]));
  const first = await heard();
  const together = inUse();
  // The workers' handles are all that is left; one of the four tokens of a worker leads back here.
  for (const name of Object.keys(own)) own[name].close();
  const again = heard();
  for (const worker of workers) worker.postMessage('again');
  const second = await again;
  const back = opened(tokens);
  const ended = Promise.all(workers.map((worker) => once(worker, 'exit')));
  for (const worker of workers) worker.postMessage('end');
  await ended;
  const last = await answers(back);
  const tokensAgain = each((name) => back[name].share());
  for (const name of Object.keys(back)) back[name].close();
  const gone = each((name, Class) => codeOf(() => Class.fromShared(tokens[name])));
  process.stdout.write(
    JSON.stringify({
      different: [...first, ...second, last].filter((answer) => answer !== expected),
      sameTokens: JSON.stringify(tokens) === JSON.stringify(tokensAgain),
      copies: (together - alone) / (alone - before),
      left: inUse() - before,
      gone,
    }),
  );
} else {
  const handles = opened(workerData);
  parentPort.postMessage(await answers(handles));
  parentPort.on('message', async (message) => {
    if (message === 'again') parentPort.postMessage(await answers(handles));
    else parentPort.close();
  });
}
