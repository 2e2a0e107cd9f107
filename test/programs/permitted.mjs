/** What a process whose Node.js restricts it can do: inspect, compute, open `argv[2]`, save at `argv[3]`; a code for what it cannot. */
import { createRequire } from 'node:module';
import { isMainThread, parentPort, workerData } from 'node:worker_threads';

const { EmbeddingTable, IndexTree, inspect } = createRequire(import.meta.url)(
  '../../dist/index.js',
);

async function answerOf(call) {
  try {
    await call();
    return 'done';
  } catch ({ code, message }) {
    return `${code}: ${message}`;
  }
}

async function tried([input, output]) {
  const { binary, failure } = inspect();
  const table = () => EmbeddingTable.from(Int8Array.of(1, 2, 3, 4), { dim: 2 });
  return {
    loaded: binary !== null,
    failure,
    computes: await answerOf(table),
    opens: await answerOf(() => EmbeddingTable.open(input)),
    saves: await answerOf(async () => (await IndexTree.build(table())).save(output)),
  };
}

if (isMainThread) console.log(JSON.stringify(await tried(process.argv.slice(2))));
else parentPort.postMessage(await tried(workerData));
